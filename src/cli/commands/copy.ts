import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { fileReferenceWithPath } from '../names.ts'
import { inTransaction } from '../transaction.ts'

interface CopyOptions {
  readonly append?: boolean
  readonly message?: string
  readonly project?: string
  readonly srcProject?: string
  readonly destProject?: string
}

export function copy(cli: Cli): Command {
  const command = verb('copy', 'Copies files inside the store; moves no bytes')
  withProject(
    subject(
      command,
      'file <from> <to>',
      'REPO@COMMIT:PATH to REPO@BRANCH:PATH, a file or a folder',
    ),
  )
    .option('-a, --append', 'add to what is there instead of replacing it')
    .option('-o, --overwrite', 'replace what is there (the default)')
    .option('-m, --message <text>', 'what the commit is for')
    .option('--src-project <name>', 'the project of the source, if not that of --project')
    .option('--dest-project <name>', 'the project of the target, if not that of --project')
    .action(async (from: string, to: string, options: CopyOptions) => {
      const source = fileReferenceWithPath(from, options.srcProject ?? options.project)
      const target = fileReferenceWithPath(to, options.destProject ?? options.project)
      const request = {
        kind: 'file.copy',
        target: target.commit,
        from: source,
        path: target.path,
        options: {
          ...(options.append === true ? { append: true } : {}),
          ...(options.message === undefined ? {} : { message: options.message }),
        },
      } as const
      await inTransaction(cli, request, (varve) =>
        varve.files.copy(request.target, source, request.path, request.options),
      )
    })
  return command
}
