import type { Command } from 'commander'
import { rowStatuses, type RowInfo } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { subject, withProject } from '../command.ts'
import { bytes, grouped, timestamp } from '../format.ts'
import { inProject } from '../names.ts'
import { rowStatusList } from '../row-status.ts'
import { table } from '../table.ts'
import { showStream } from '../views/show.ts'
import { wholeNumber } from '../whole-number.ts'

interface ItemOptions {
  readonly repo: string
  readonly project?: string
  readonly status?: readonly string[]
  readonly list?: string
  readonly url?: string
  readonly error?: string
  readonly limit?: number
}

/** Rows of lists, and how each ended. */
export function listItems(cli: Cli, parent: Command): void {
  withProject(subject(parent, 'item', 'rows that were fetched for a repo, and how each ended'))
    .alias('items')
    .requiredOption('--repo <repo>', 'the repo they were fetched for')
    .option('--status <status...>', `${rowStatuses.join(', ')}; failed for both ways to fail`)
    .option('--list <id>', 'rows of this list')
    .option('--url <url>', 'rows of this URL')
    .option('--error <text>', 'rows whose error has this text in it')
    .option('--limit <count>', 'so many at most', wholeNumber())
    .action(async (options: ItemOptions) => {
      const status = rowStatusList(options.status, rowStatuses)
      const varve = await cli.open('read')
      const ingest = await varve.ingest()
      const rows = ingest.rows(inProject(options.repo, options.project), {
        ...(status === undefined ? {} : { status }),
        ...(options.list === undefined ? {} : { list: options.list }),
        ...(options.url === undefined ? {} : { url: options.url }),
        ...(options.error === undefined ? {} : { error: options.error }),
        ...(options.limit === undefined ? {} : { limit: options.limit }),
      })
      await showStream(cli, {}, eachOf(rows), {
        raw: (row) => row,
        text: (page) => itemTable(cli, page),
      })
    })
}

async function* eachOf<T>(values: Iterable<T>): AsyncIterable<T> {
  yield* values
}

function itemTable(cli: Cli, rows: readonly RowInfo[]): string {
  return table(
    rows,
    [
      { title: 'LIST', value: (row) => row.list },
      { title: 'ROW', value: (row) => grouped(row.position), align: 'right' },
      { title: 'STATUS', value: (row) => row.status },
      { title: 'TRIES', value: (row) => String(row.attempts), align: 'right' },
      { title: 'SIZE', value: (row) => (row.media ? bytes(row.media.size) : '-'), align: 'right' },
      { title: 'AT', value: (row) => timestamp(row.at) },
      { title: 'URL', value: (row) => row.url },
      { title: 'ERROR', value: (row) => row.error ?? '' },
    ],
    cli.style,
  )
}
