import type { Command } from 'commander'
import type { Rehearsal } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { commitReference } from '../names.ts'
import { refuseInTransaction } from '../transaction.ts'
import { wouldDelete } from '../would-delete.ts'

interface SquashOptions {
  readonly recursive?: boolean
  readonly dryRun?: boolean
  readonly project?: string
}

export function squash(cli: Cli): Command {
  const command = verb(
    'squash',
    'Removes a commit or a set of commits; their children keep the content',
  )
  withProject(subject(command, 'commit <commit>', 'a commit (REPO@COMMIT), or a set, by its id'))
    .alias('commitV2')
    .option('-r, --recursive', 'with what was computed from it')
    .option('--dry-run', 'say what would be deleted, and delete nothing')
    .action(async (reference: string, options: SquashOptions) => {
      const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
      const recursive = options.recursive === true
      const take = ({ commits }: Pick<Rehearsal, 'commits'>): ReturnType<typeof commits.squash> =>
        reference.includes('@')
          ? commits.squash(commitReference(reference, options.project), { recursive })
          : commits.squashSet(varve.commitId(reference), { recursive })
      if (options.dryRun === true) {
        const commits = await varve.rehearse(take)
        return wouldDelete(
          cli,
          commits.map((commit) => `commit ${commit.repo}@${commit.id}`),
        )
      }
      await refuseInTransaction(varve, 'squash commit')
      const gone = await take(varve)
      await cli.print({ deleted: gone }, () => '')
    })
  return command
}
