import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { collected } from '../collected.ts'
import { alsoTakes, refuses, subject, verb, withProject } from '../command.ts'
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
  const file = subject(
    command,
    'file <repo@branch[:path]> [more...]',
    'files, folders, URLs, a TAR or stdin',
  )
  alsoTakes(withProject(file), [
    '-p, --parallelism <count>',
    '--progress',
    '-c, --compress',
    '-o, --overwrite',
  ])
    .option(
      '-f, --file <source>',
      'file, folder (with -r), URL, or - for stdin (the default); may be repeated',
      collected,
    )
    .option('-i, --input-file <list>', 'a file, or - for stdin, with one source a line')
    .option('-r, --recursive', 'folders with all below')
    .option('-a, --append', 'add to files that are there instead of replacing them')
    .option('--full-path', 'keep the path of the source instead of its last part')
    .option('--untar', 'take the files out of the TAR archives named')
    .option('-m, --message <text>', 'what the commit is for')
    .action(async (reference: string, more: readonly string[], options: PutOptions) =>
      putFiles(cli, reference, withMore(options, more)),
    )
  refuseSplitting(file)
  return command
}

/** What a shell makes of `-f *.jpg`: words behind the first. */
function withMore(options: PutOptions, more: readonly string[]): PutOptions {
  if (more.length === 0) return options
  if (options.file !== undefined) return { ...options, file: [...options.file, ...more] }
  throw new VarveError('USAGE', {
    what: `It is not said what ${more.join(' ')} is.`,
    next: `Name files with -f: \`-f ${more.join(' ')}\`.`,
    data: { more },
  })
}

function refuseSplitting(command: Command): void {
  const flags = ['--split <how>', '--target-file-datums <count>', '--target-file-bytes <bytes>']
  for (const each of [...flags, '--header-records <count>']) {
    refuses(command, each, {
      why: 'files go in whole, as in Pachyderm 2.',
      next: 'Split the file first (`split -l 1000 FILE PART-`) and put the parts, or split it in a pipeline.',
    })
  }
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
