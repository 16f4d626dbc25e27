import type { Command } from 'commander'
import type { ServiceProgress } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { parseDownload } from '../download-options.ts'
import {
  fetchOptions,
  imageOptions,
  inFlight,
  rowOptions,
  withOptionNames,
} from '../download-request.ts'
import { plural } from '../format.ts'
import { jobsBeside } from '../jobs-beside.ts'
import { inProject } from '../names.ts'
import { keepHeapSmall } from '../small-heap.ts'
import { statusLine } from '../status-line.ts'
import { usage } from '../usage.ts'
import { wholeNumber } from '../whole-number.ts'
import { serviceLine } from '../views/service.ts'

interface ServiceOptions {
  readonly repo: string
  readonly project?: string
  readonly branch?: string
  readonly media: string
  readonly once?: boolean
  readonly run?: boolean
  readonly commitRows?: number
  readonly commitSeconds?: number
  readonly maxRows?: number
}

const mediaKinds = ['any', 'image'] as const

/** Options of `download` that say what lists are like and where shards go. */
const ofShards: ReadonlySet<string> = new Set([
  'url_list',
  'output_folder',
  'output_format',
  'input_format',
  'url_col',
  'caption_col',
  'save_additional_columns',
  'number_sample_per_shard',
  'oom_shard_count',
  'incremental_mode',
  'retry_failed',
])

export function service(cli: Cli): Command {
  return withProject(verb('service', 'Fetches what was enqueued into a repo, until it is stopped'))
    .argument(
      '[words...]',
      "img2dataset's options for images and fetching; `varve download --help`",
    )
    .requiredOption('--repo <repo>', 'the repo to fill')
    .option('--branch <branch>', 'the branch to commit to')
    .option('--media <kind>', 'any (bytes as they came) or image (sized and encoded)', 'any')
    .option('--run', 'run the jobs its commits cause, while it goes on')
    .option('--once', 'end when the queue is empty')
    .option('--commit-rows <count>', 'a commit after so many rows', wholeNumber(1))
    .option('--commit-seconds <seconds>', 'a commit after so long', wholeNumber())
    .option('--max-rows <count>', 'end after so many rows', wholeNumber(1))
    .allowUnknownOption()
    .action(async (words: readonly string[], options: ServiceOptions) =>
      runService(cli, words, options),
    )
}

async function runService(
  cli: Cli,
  words: readonly string[],
  options: ServiceOptions,
): Promise<void> {
  const { values, given, ignored } = parseDownload(words, 'service')
  const faults = given
    .filter((name) => ofShards.has(name))
    .map((name) => `--${name} is not the service's: it makes no shards.`)
  const rows = rowOptions(values, faults)
  const media = mediaKinds.find((kind) => kind === options.media)
  if (media === undefined) faults.push(`--media takes one of ${mediaKinds.join(', ')}.`)
  if (media === 'any' && given.includes('bbox_col')) {
    faults.push('--bbox_col blurs images: say --media image with it.')
  }
  if (media === undefined || faults.length > 0) throw usage(faults, 'service')
  for (const name of ignored) cli.note(`--${name} does nothing here.`)
  // It stays for millions of rows, beside others: rather little memory than little CPU.
  keepHeapSmall(64)
  const varve = await cli.open('write')
  const ingest = await varve.ingest()
  const line = statusLine(cli)
  const said = new Set<string>()
  const jobs = jobsBeside(varve, cli.signal)
  const progress = await ingest
    .serve({
      repo: inProject(options.repo, options.project),
      media,
      image: imageOptions(values),
      ...rows,
      // A service meets many hosts for a long time: it keeps their rules unless told otherwise.
      fetch: {
        ...fetchOptions(values),
        robotsTxt: values.robots_txt === true || !given.includes('robots_txt'),
        hostConcurrency: Number(values.host_concurrency ?? 8),
        hostFailures: 10,
        ...(given.includes('retries') ? {} : { retries: 2 }),
      },
      concurrency: inFlight(values),
      untilIdle: options.once === true,
      signal: cli.signal,
      ...(options.branch === undefined ? {} : { branch: options.branch }),
      ...(options.commitRows === undefined ? {} : { commitRows: options.commitRows }),
      ...(options.commitSeconds === undefined ? {} : { commitSeconds: options.commitSeconds }),
      ...(options.maxRows === undefined ? {} : { maxRows: options.maxRows }),
      progress: (now) => {
        sayHosts(cli, said, now)
        if (options.run === true) jobs.after(now.commits)
        line.show(() => serviceLine(now))
      },
    })
    .catch((error: unknown) => {
      throw withOptionNames(error, 'service')
    })
    .finally(() => line.clear())
  if (options.run === true) await jobs.end(progress.commits)
  await cli.print(progress, () => endText(progress))
}

/** Each host that is set aside is named once. */
function sayHosts(cli: Cli, said: Set<string>, { hosts }: ServiceProgress): void {
  for (const { host, condition, lastError } of hosts) {
    if ((condition !== 'aside' && condition !== 'refused') || said.has(host)) continue
    said.add(host)
    cli.note(`${host} keeps failing and is set aside for a while (${lastError ?? condition}).`)
  }
}

function endText({ rows, statuses, commits, waiting }: ServiceProgress): string {
  const states = Object.entries(statuses).map(([name, count]) => `${name} ${count}`)
  const left = waiting > 0 ? `; ${plural(waiting, 'row')} still waiting` : ''
  return `${plural(rows, 'row')} in ${plural(commits, 'commit')}${states.length > 0 ? `: ${states.join(', ')}` : ''}${left}\n`
}
