/**
 * `npm run demo`: the image-quality project from nothing to a result, then a change of one image and
 * one new image, shown as the commands a user would type. Everything lands in `demo/`.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const folder = resolve('demo')
const images = resolve('examples', 'image-quality', 'images')
const main = resolve('dist', 'cli', 'main.js')

interface Report {
  readonly held_out: {
    readonly accuracy: number
    readonly correct: number
    readonly total: number
    readonly low: number
    readonly high: number
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

varve('draw')
varve('run')
varve('get', 'file', 'quality@master:/report.json', '-o', 'report.json')
varve('get', 'file', 'quality@master:/contact-sheet.html', '-o', 'contact-sheet.html')

say('One image changes and one is added, in one commit: only their datums run')
const edits = join(folder, 'edits')
mkdirSync(edits)
copyFileSync(join(images, 'black-canyon-4.jpg'), join(edits, 'black-canyon-1.jpg'))
copyFileSync(join(images, 'black-canyon-5.jpg'), join(edits, 'one-more.jpg'))
varve('put', 'file', 'images@master', '-f', 'edits/black-canyon-1.jpg', 'edits/one-more.jpg')
varve('plan')
varve('run')

say('Why was the changed one measured again, and its neighbour not?')
varve('why', 'vol@master:/black-canyon-1.json')
varve('why', 'vol@master:/black-canyon-2.json')

const { held_out: heldOut } = JSON.parse(
  readFileSync(join(folder, 'report.json'), 'utf8'),
) as Report
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const { accuracy, correct, total, low, high } = heldOut
say('Where to look')
process.stdout.write(
  [
    `  contact sheet, for a browser:  ${join(folder, 'contact-sheet.html')}`,
    `  the project:                   ${folder} (try ../varve status, ../varve list job there)`,
    `  accuracy on images of scenes never trained on: ${percent(accuracy)}`,
    `    (${correct} of ${total}; 95 % interval ${percent(low)} to ${percent(high)})`,
    '',
  ].join('\n'),
)
