import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { shortId } from '../format.ts'
import { repoAndBranch } from '../names.ts'
import { commitLog } from '../views/repo.ts'
import { wholeNumber } from '../whole-number.ts'

interface LogOptions {
  readonly maxCount?: number
  readonly oneline?: boolean
  readonly project?: string
}

export function log(cli: Cli): Command {
  return withProject(verb('log', 'Shows the commits of a branch, newest first'))
    .argument('<repo[@branch]>', 'a branch (default: master) or a commit to start from')
    .option('-n, --max-count <count>', 'at most so many', wholeNumber())
    .option('--oneline', 'one line for each')
    .action(async (reference: string, options: LogOptions) => {
      const varve = await cli.open('read')
      const { repo, branch = 'master' } = repoAndBranch(reference, options.project)
      const limit = options.maxCount === undefined ? {} : { limit: options.maxCount }
      const commits = varve.history({ repo, branch }, limit)
      await cli.print(commits, () =>
        options.oneline === true
          ? commits
              .map(
                ({ id, message }) =>
                  `${cli.style('yellow', shortId(id))} ${message.split('\n')[0] ?? ''}\n`,
              )
              .join('')
          : commitLog(cli, commits),
      )
    })
}
