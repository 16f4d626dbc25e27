import { resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { plural } from '../format.ts'
import { inProject } from '../names.ts'
import { keepHeapSmall } from '../small-heap.ts'
import { statusLine } from '../status-line.ts'
import { wordList } from '../word-list.ts'

interface EnqueueOptions {
  readonly repo: string
  readonly project?: string
  readonly format?: string
  readonly url_col?: string
  readonly caption_col?: string
  readonly columns?: readonly string[]
  readonly input_format?: string
  readonly save_additional_columns?: readonly string[]
  readonly refresh?: boolean
}

export function enqueue(cli: Cli): Command {
  const summary = 'Puts the URLs of a list on the queue of a repo; `service` fetches them'
  const command = withProject(verb('enqueue', summary))
    .argument('<list>', 'a file, a folder of lists, or - for standard input')
    .requiredOption('--repo <repo>', 'the repo they are for')
    .option('--format <format>', 'txt, csv, tsv, json, jsonl, parquet; by the name if left out')
    .option('--url_col <column>', 'column of the URLs', 'url')
    .option('--caption_col <column>', 'column of the captions')
    .option('--columns <names>', 'further columns to keep, between commas', columns)
    .option('--refresh', 'fetch again what the server says has changed')
  return namesOfDownload(command).action(async (list: string, options: EnqueueOptions) =>
    runEnqueue(cli, list, options),
  )
}

/** What `download` and img2dataset call `--format` and `--columns`. */
function namesOfDownload(command: Command): Command {
  return command
    .addOption(new Option('--input_format <format>').hideHelp())
    .addOption(new Option('--save_additional_columns <names>').argParser(columns).hideHelp())
}

async function runEnqueue(cli: Cli, list: string, options: EnqueueOptions): Promise<void> {
  const { listFormat } = await import('../list-format.ts')
  keepHeapSmall()
  const varve = await cli.open('read')
  const ingest = await varve.ingest()
  const line = statusLine(cli)
  const format = options.format ?? options.input_format
  const extraColumns = options.columns ?? options.save_additional_columns
  const done = await ingest
    .enqueue({
      repo: inProject(options.repo, options.project),
      list: list === '-' ? list : resolve(cli.workingDirectory, list),
      ...(format === undefined ? {} : { format: listFormat(format) }),
      ...(options.url_col === undefined ? {} : { urlColumn: options.url_col }),
      ...(options.caption_col === undefined ? {} : { captionColumn: options.caption_col }),
      ...(extraColumns === undefined ? {} : { extraColumns }),
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

function columns(text: string): readonly string[] {
  const names = wordList(text)
  if (names !== undefined) return names
  throw new InvalidArgumentError('It takes names between commas, or a list of them as JSON.')
}
