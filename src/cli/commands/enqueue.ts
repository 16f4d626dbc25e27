import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { plural } from '../format.ts'
import { inProject } from '../names.ts'
import { keepHeapSmall } from '../small-heap.ts'
import { statusLine } from '../status-line.ts'

interface EnqueueOptions {
  readonly repo: string
  readonly project?: string
  readonly format?: string
  readonly url_col?: string
  readonly caption_col?: string
  readonly columns?: string
  readonly refresh?: boolean
}

export function enqueue(cli: Cli): Command {
  return withProject(
    verb('enqueue', 'Puts the URLs of a list on the queue of a repo; `service` fetches them'),
  )
    .argument('<list>', 'a file, a folder of lists, or - for standard input')
    .requiredOption('--repo <repo>', 'the repo they are for')
    .option('--format <format>', 'txt, csv, tsv, json, jsonl, parquet; by the name if left out')
    .option('--url_col <column>', 'column of the URLs', 'url')
    .option('--caption_col <column>', 'column of the captions')
    .option('--columns <names>', 'further columns to keep, between commas')
    .option('--refresh', 'fetch again what the server says has changed')
    .action(async (list: string, options: EnqueueOptions) => runEnqueue(cli, list, options))
}

async function runEnqueue(cli: Cli, list: string, options: EnqueueOptions): Promise<void> {
  const { listFormat } = await import('../list-format.ts')
  keepHeapSmall()
  const varve = await cli.open('read')
  const ingest = await varve.ingest()
  const line = statusLine(cli)
  const done = await ingest
    .enqueue({
      repo: inProject(options.repo, options.project),
      list: list === '-' ? list : resolve(cli.workingDirectory, list),
      ...(options.format === undefined ? {} : { format: listFormat(options.format) }),
      ...(options.url_col === undefined ? {} : { urlColumn: options.url_col }),
      ...(options.caption_col === undefined ? {} : { captionColumn: options.caption_col }),
      ...(options.columns === undefined ? {} : { extraColumns: options.columns.split(',') }),
      ...(options.refresh === true ? { refresh: true } : {}),
      ...(list === '-' ? { input: cli.input() } : {}),
      signal: cli.signal,
      progress: (rows) => line.show(() => `read ${plural(rows, 'row')}`),
    })
    .finally(() => line.clear())
  for (const { name, badRows } of done) {
    for (const { line: at, reason } of badRows.slice(0, 10)) cli.note(`${name}:${at}: ${reason}`)
  }
  await cli.print(done, () =>
    done
      .map(({ name, id, rows, bad, known }) =>
        known
          ? `${name}: enqueued before, as list ${id}; \`varve retry\` sends rows that failed again.\n`
          : `${name}: ${plural(rows, 'row')} enqueued as list ${id}${bad > 0 ? `, ${plural(bad, 'row')} made no sense` : ''}\n`,
      )
      .join(''),
  )
}
