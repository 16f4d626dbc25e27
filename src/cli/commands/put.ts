import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { alsoTakes, subject, verb, withProject } from '../command.ts'
import { fileReference } from '../names.ts'
import { putProgress } from '../put-progress.ts'
import { refuseInTransaction } from '../transaction.ts'

interface PutOptions {
  readonly file?: readonly string[]
  readonly inputFile?: string
  readonly recursive?: boolean
  readonly append?: boolean
  readonly fullPath?: boolean
  readonly untar?: boolean
  readonly message?: string
  readonly project?: string
}

export function put(cli: Cli): Command {
  const command = verb('put', 'Puts files into a repo, in one commit')
  const file = subject(command, 'file <repo@branch[:path]>', 'files, folders, URLs, a TAR or stdin')
  alsoTakes(withProject(file), ['-p, --parallelism <count>', '--progress', '-c, --compress'])
    .option('-f, --file <source...>', 'file, folder (with -r), URL, or - for stdin (the default)')
    .option('-i, --input-file <list>', 'a file, or - for stdin, with one source a line')
    .option('-r, --recursive', 'folders with all below')
    .option('-a, --append', 'add to files that are there instead of replacing them')
    .option('--full-path', 'keep the path of the source instead of its last part')
    .option('--untar', 'take the files out of the TAR archives named')
    .option('-m, --message <text>', 'what the commit is for')
    .action(async (reference: string, options: PutOptions) => putFiles(cli, reference, options))
  return command
}

async function putFiles(cli: Cli, reference: string, options: PutOptions): Promise<void> {
  const { commit, path } = fileReference(reference, options.project)
  const { gatherSources } = await import('../put-sources.ts')
  const varve = await cli.open('write')
  await refuseInTransaction(varve, 'put file')
  const progress = putProgress(cli)
  const gathered = gatherSources(cli, varve, {
    path,
    files: options.file ?? (options.inputFile === undefined ? ['-'] : []),
    lists: options.inputFile === undefined ? [] : [options.inputFile],
    recursive: options.recursive === true,
    fullPath: options.fullPath === true,
    untar: options.untar === true,
  })
  try {
    const made = await varve.files.put(commit, progress.watch(gathered.sources), {
      ...(options.message === undefined ? {} : { message: options.message }),
      ...(options.append === true ? { append: true } : {}),
    })
    progress.end()
    await cli.print(made, () => '')
  } finally {
    progress.end()
    await gathered.dispose()
  }
}
