import type { Command } from 'commander'
import { rowStatuses, type RowStatus } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { plural } from '../format.ts'
import { inProject } from '../names.ts'
import { rowStatusList } from '../row-status.ts'

interface RetryOptions {
  readonly repo: string
  readonly project?: string
  readonly status?: readonly string[]
  readonly list?: string
  readonly error?: string
}

export function retry(cli: Cli): Command {
  return withProject(verb('retry', 'Puts rows that failed on the queue again'))
    .requiredOption('--repo <repo>', 'the repo they are for')
    .option('--status <status...>', 'rows in these states; those that failed when left out')
    .option('--list <id>', 'rows of this list')
    .option('--error <text>', 'rows whose error has this text in it')
    .action(async (options: RetryOptions) => {
      const status: readonly RowStatus[] | undefined = rowStatusList(options.status, rowStatuses)
      const varve = await cli.open('read')
      const ingest = await varve.ingest()
      const rows = await ingest.retry(inProject(options.repo, options.project), {
        ...(status === undefined ? {} : { status }),
        ...(options.list === undefined ? {} : { list: options.list }),
        ...(options.error === undefined ? {} : { error: options.error }),
      })
      await cli.print({ rows }, () =>
        rows === 0
          ? 'No row to try again.\n'
          : `${plural(rows, 'row')} enqueued again; \`varve service --repo ${options.repo}\` fetches them.\n`,
      )
    })
}
