import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { alsoTakes, subject, verb, withProject } from '../command.ts'
import { commitReference } from '../names.ts'
import { currentTransaction, inTransaction, leaveTransaction } from '../transaction.ts'

interface FinishOptions {
  readonly message?: string
  readonly description?: string
  readonly project?: string
}

export function finish(cli: Cli): Command {
  const command = verb('finish', 'Finishes a commit or a transaction')
  const open = subject(command, 'commit <repo@branch>', 'an open commit: it can never change again')
  alsoTakes(withProject(open), ['-f, --force'])
    .option('-m, --message <text>', 'what the commit is for')
    .option('--description <text>', 'the same')
    .action(async (reference: string, options: FinishOptions) => {
      const commit = commitReference(reference, options.project)
      const message = options.message ?? options.description
      const described = message === undefined ? {} : { message }
      await inTransaction(cli, { kind: 'commit.finish', commit, ...described }, (varve) =>
        varve.commits.finish(commit, described),
      )
    })
  subject(command, 'transaction [id]', 'do all it collected, or nothing').action(
    async (given: string | undefined) => {
      const varve = await cli.open('write')
      const id = given ?? (await currentTransaction(varve))
      const commits = await varve.batches.finish(id)
      await leaveTransaction(varve, id)
      await cli.print(
        { id, commits },
        () => `Completed transaction with ${commits.length} commits: ${id}\n`,
      )
    },
  )
  return command
}
