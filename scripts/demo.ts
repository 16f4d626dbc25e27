/**
 * `npm run demo`: the image-quality project from nothing to a result, then a change of one image and
 * one new image, shown as the commands a user would type. Everything lands in `demo/`.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = resolve('demo')
const images = resolve('examples', 'image-quality', 'images')
const main = resolve('dist', 'cli', 'main.js')

interface Report {
  readonly held_out: {
    readonly accuracy: number
    readonly correct: number
    readonly images: number
  }
}

/** Shows the command, then runs it as the user would inside `demo/`. */
function varve(...args: string[]): void {
  process.stdout.write(`\n$ varve ${args.map(quoted).join(' ')}\n`)
  const result = spawnSync(process.execPath, [main, ...args], { cwd: folder, stdio: 'inherit' })
  if (result.status !== 0) process.exit(result.status ?? 1)
}

function quoted(arg: string): string {
  return /^[\w@:/.=,-]+$/.test(arg) ? arg : `'${arg}'`
}

function say(text: string): void {
  process.stdout.write(`\n# ${text}\n`)
}

rmSync(folder, { recursive: true, force: true })
say('A project from the template: photographs, their labels and a graph of five pipelines')
const init = spawnSync(process.execPath, [main, 'init', folder, '--template', 'image-quality'], {
  stdio: 'inherit',
})
if (init.status !== 0) process.exit(init.status ?? 1)

varve('apply', '-f', 'varve.yaml')
varve('draw')
varve('run')
varve('get', 'file', 'quality@master:/report.json', '-o', 'report.json')
varve('get', 'file', 'quality@master:/contact-sheet.html', '-o', 'contact-sheet.html')

say('One image changes and one is added: only their datums run')
copyFileSync(join(images, 'black-canyon-4.jpg'), join(folder, 'changed.jpg'))
copyFileSync(join(images, 'black-canyon-5.jpg'), join(folder, 'one-more.jpg'))
varve('put', 'file', 'images@master:/black-canyon-1.jpg', '-f', 'changed.jpg')
varve('put', 'file', 'images@master:/one-more.jpg', '-f', 'one-more.jpg')
varve('plan')
varve('run')
varve('why', 'vol@master:/black-canyon-1.json')
varve('why', 'vol@master:/black-canyon-2.json')

const { held_out: heldOut } = JSON.parse(
  readFileSync(join(folder, 'report.json'), 'utf8'),
) as Report
const percent = (100 * heldOut.accuracy).toFixed(1)
say('Where to look')
process.stdout.write(
  [
    `  accuracy on the held-out images: ${percent} % (${heldOut.correct} of ${heldOut.images})`,
    `  contact sheet, for a browser:    ${join(folder, 'contact-sheet.html')}`,
    `  the project:                     ${folder} (try \`../varve status\`, \`../varve list job\` there)`,
    '',
  ].join('\n'),
)
