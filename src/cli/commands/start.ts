import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { commitReference, inProject } from '../names.ts'
import { startCommit } from '../transaction.ts'

export function start(cli: Cli): Command {
  const command = verb('start', 'Starts a commit, a pipeline or a transaction')
  withProject(subject(command, 'commit <repo@branch>', 'an open commit; prints its id'))
    .option('-m, --message <text>', 'what the commit is for')
    .option('--description <text>', 'the same')
    .option('-p, --parent <commit>', 'another parent than the head')
    .action(async (branch: string, options: StartOptions) => {
      await startCommit(cli, {
        branch: commitReference(branch, options.project),
        message: options.message ?? options.description,
        parent: options.parent === undefined ? undefined : parentOf(options.parent, branch),
      })
    })
  withProject(subject(command, 'pipeline <name>', 'a stopped pipeline; it catches up once')).action(
    async (name: string, options: { project?: string }) => {
      const varve = await cli.open('write')
      const info = await varve.pipelines.start(inProject(name, options.project))
      await cli.print(info, () => '')
    },
  )
  subject(command, 'transaction', 'collect changes and make them at once; prints its id').action(
    async () => {
      const varve = await cli.open('write')
      const made = await varve.batches.start()
      await varve.settings.setTransaction(made.id)
      await cli.print(made, () => `Started new transaction: ${made.id}\n`)
    },
  )
  return command
}

interface StartOptions {
  readonly message?: string
  readonly description?: string
  readonly parent?: string
  readonly project?: string
}

function parentOf(parent: string, branch: string): string {
  return parent.includes('@') ? parent : `${branch.split('@')[0] ?? ''}@${parent}`
}
