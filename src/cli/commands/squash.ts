import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { wouldDelete } from '../would-delete.ts'

interface SquashOptions {
  readonly recursive?: boolean
  readonly dryRun?: boolean
  readonly project?: string
}

export function squash(cli: Cli): Command {
  const command = verb('squash', 'Removes the commits of a set; their children keep the content')
  withProject(subject(command, 'commit <id>', 'the id of a set, or REPO@COMMIT'))
    .alias('commitV2')
    .option('-r, --recursive', 'with what was computed from it')
    .option('--dry-run', 'say what would be deleted, and delete nothing')
    .action(async (reference: string, options: SquashOptions) => {
      const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
      const id = reference.includes('@') ? varve.commits.inspect(reference).id : reference
      if (!varve.isCommitId(id)) {
        throw new VarveError('COMMIT_NOT_FOUND', {
          what: `"${reference}" is not the id of a commit set.`,
          next: 'Name REPO@COMMIT, or an id that `varve list commit` shows.',
          data: { id },
        })
      }
      const recursive = options.recursive === true
      if (options.dryRun === true) {
        const commits = await varve.rehearse((tx) => tx.commits.squash(id, { recursive }))
        return wouldDelete(
          cli,
          commits.map((commit) => `commit ${commit.repo}@${commit.id}`),
        )
      }
      const gone = await varve.commits.squash(id, { recursive })
      await cli.print({ deleted: gone }, () => '')
    })
  return command
}
