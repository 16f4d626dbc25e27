import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { alsoTakes, subject, verb, withProject } from '../command.ts'
import { fileReference } from '../names.ts'
import { plural } from '../format.ts'
import { statusLine } from '../status-line.ts'
import { wholeNumber } from '../whole-number.ts'

interface GetOptions {
  readonly output?: string
  readonly recursive?: boolean
  readonly offset?: number
  readonly project?: string
}

export function get(cli: Cli): Command {
  const command = verb('get', 'Gets files out of a repo')
  const file = subject(command, 'file <repo@branch:path>', 'a file to stdout, a folder to disk')
  alsoTakes(withProject(file), ['--progress', '--retry'])
    .option('-o, --output <path>', 'write to this file or folder')
    .option('-r, --recursive', 'a folder with all below')
    .option('--offset <bytes>', 'start here', wholeNumber())
    .action(async (reference: string, options: GetOptions) => getFile(cli, reference, options))
  return command
}

async function getFile(cli: Cli, reference: string, options: GetOptions): Promise<void> {
  const { commit, path = '/' } = fileReference(reference, options.project)
  const varve = await cli.open('read')
  const info = await varve.files.inspect(commit, path)
  if (info.kind === 'directory') return getFolder(cli, { commit, path, options })
  const start = options.offset ?? 0
  if (options.output !== undefined && options.output !== '-') {
    const target = inWorkingDirectory(cli, options.output)
    const written = await varve.saveFile({ commit, path }, target, start)
    return cli.print(written, () => '')
  }
  if (cli.json) throw bytesAreNotJson(reference)
  for await (const chunk of varve.files.stream(commit, path, { start })) await cli.write(chunk)
}

async function getFolder(
  cli: Cli,
  request: { commit: string; path: string; options: GetOptions },
): Promise<void> {
  const { commit, path, options } = request
  if (options.recursive !== true) {
    throw new VarveError('USAGE', {
      what: `"${path}" is a folder.`,
      next: 'Add -r and -o FOLDER to get it with all below.',
      data: { path },
    })
  }
  const varve = await cli.open('read')
  const name = path.replace(/\/+$/, '').split('/').at(-1) ?? ''
  const target = inWorkingDirectory(cli, options.output ?? (name === '' ? '.' : name))
  const line = statusLine(cli)
  const saved = await varve.saveFolder({ commit, path }, target, (files) =>
    line.show(() => plural(files, 'file')),
  )
  line.clear()
  await cli.print(saved, () => '')
}

function inWorkingDirectory(cli: Cli, path: string): string {
  return path.startsWith('/') ? path : `${cli.workingDirectory}/${path}`
}

function bytesAreNotJson(reference: string): VarveError {
  return new VarveError('USAGE', {
    what: 'The bytes of a file are not JSON.',
    next: `Leave --json out, add -o FILE, or use \`varve inspect file ${reference} --json\`.`,
  })
}
