import type { JobInfo, RunEvent } from '../engine/index.ts'
import { VarveError } from '../model/index.ts'
import type { Cli } from './cli.ts'
import { duration, grouped, plural, shortId } from './format.ts'
import { liveJobs } from './live-jobs.ts'
import { pad } from './table.ts'
import { stateText, tookText } from './views/job.ts'
import { shortKey } from './views/key.ts'

export interface RunOutcome {
  readonly jobs: readonly JobInfo[]
  /** Jobs that failed, were killed or could not run, as PIPELINE@ID; without those of `replaced`. */
  readonly failed: readonly string[]
  /** Jobs given up before a later job of the same pipeline succeeded: an update replaced them. */
  readonly replaced: readonly string[]
  readonly wallMs: number
}

/** Datums of one job that are told one by one when they fail. */
const mostFailures = 5

interface WatchOptions {
  /** Every event as a line of JSON on stdout. */
  readonly everyEvent?: boolean
  /** Ctrl-C is the way to end it, and no fault. */
  readonly untilStopped?: boolean
}

/** Shows a run while it goes on, and answers what came of it. Everything goes to stderr. */
export async function watchRun(
  cli: Cli,
  events: AsyncIterable<RunEvent>,
  options: WatchOptions = {},
): Promise<RunOutcome> {
  const startedAt = cli.clock.now()
  const finished: JobInfo[] = []
  const view = liveJobs(cli)
  const sayFailure = failureTeller(cli, (line) => view.say(line))
  try {
    for await (const event of events) {
      if (options.everyEvent === true) await cli.printLine(event, () => '')
      view.take(event)
      if (event.type === 'job.finished') {
        finished.push(event.job)
        view.say(jobLine(cli, event.job))
      } else if (event.type === 'datum.failed') {
        sayFailure(event)
      } else if (event.type === 'warning') {
        view.say(`${cli.noteStyle('yellow', 'note:')} ${event.message}`)
      }
    }
  } finally {
    view.close()
  }
  if (cli.signal.aborted && options.untilStopped !== true) throw stopped()
  const unsuccessful = finished.filter(({ state }) => state !== 'success')
  const failed = unsuccessful.filter((job) => !isReplaced(job, finished)).map(jobName)
  const replaced = unsuccessful.filter((job) => isReplaced(job, finished)).map(jobName)
  return { jobs: finished, failed, replaced, wallMs: cli.clock.now() - startedAt }
}

/** A job that failed by itself is told of, whatever came after it. */
function isReplaced(job: JobInfo, finished: readonly JobInfo[]): boolean {
  if (job.state !== 'killed' && job.state !== 'unrunnable') return false
  return finished
    .slice(finished.indexOf(job) + 1)
    .some(({ pipeline, state }) => pipeline === job.pipeline && state === 'success')
}

function stopped(): VarveError {
  return new VarveError('INTERRUPTED', {
    what: 'Stopped. Finished datums are kept.',
    next: 'Run `varve run`: it goes on with what is missing.',
  })
}

export function runSummary(cli: Cli, { jobs, failed, replaced, wallMs }: RunOutcome): string {
  if (jobs.length === 0) return `${cli.style('green', 'All is up to date.')} Nothing had to run.\n`
  const ran = jobs.length - replaced.length
  const rest = `${datumsText(jobs)}, in ${duration(wallMs)}.${replacedText(replaced.length)}`
  if (failed.length === 0) {
    return `${cli.style('green', 'Done:')} ${plural(ran, 'job')}, ${rest}\n`
  }
  const head = `${grouped(failed.length)} of ${plural(ran, 'job')} did not succeed:`
  const next = jobs.find((job) => jobName(job) === failed[0])
  const look = (next?.counters.failed ?? 0) > 0 ? 'logs -j' : 'why'
  return [`${cli.style('red', head)} ${rest}`, `Next: varve ${look} ${failed[0] ?? ''}`, ''].join(
    '\n',
  )
}

function datumsText(jobs: readonly JobInfo[]): string {
  const sum = (pick: (job: JobInfo) => number): number =>
    jobs.reduce((all, job) => all + pick(job), 0)
  const cached = sum(({ counters }) => counters.cached)
  const fromCache = cached > 0 ? ` (${grouped(cached)} from the cache)` : ''
  const processed = plural(
    sum(({ counters }) => counters.processed),
    'datum',
  )
  return `${processed} processed${fromCache}, ${grouped(sum(({ counters }) => counters.skipped))} skipped`
}

function replacedText(count: number): string {
  if (count === 0) return ''
  return ` ${plural(count, 'job')} of before an update ${count === 1 ? 'was' : 'were'} given up.`
}

function jobName({ pipeline, id }: JobInfo): string {
  return `${shortKey(pipeline)}@${id}`
}

function jobLine(cli: Cli, job: JobInfo): string {
  const { processed, skipped, cached, failed, recovered } = job.counters
  const counts = [`${grouped(processed)} processed`, `${grouped(skipped)} skipped`]
  if (cached > 0) counts.push(`${grouped(cached)} cached`)
  if (recovered > 0) counts.push(`${grouped(recovered)} recovered`)
  if (failed > 0) counts.push(`${grouped(failed)} failed`)
  const reason =
    job.reason === undefined ? '' : cli.noteStyle('dim', `  ${withShortIds(job.reason)}`)
  const state = pad(stateText(cli.noteStyle, job.state), 10, 'left')
  return `${state} ${pad(shortKey(job.pipeline), 16, 'left')} ${pad(tookText(job), 7, 'right')}  ${counts.join(', ')}${reason}`
}

type DatumFailed = Extract<RunEvent, { type: 'datum.failed' }>

/** Where every datum fails for one reason, a few tell it, and the line of the job says how many. */
function failureTeller(cli: Cli, say: (line: string) => void): (event: DatumFailed) => void {
  const told = new Map<string, number>()
  const state = cli.noteStyle('red', 'failed')
  return ({ job, datum, message }) => {
    const count = (told.get(jobName(job)) ?? 0) + 1
    told.set(jobName(job), count)
    const name = shortKey(job.pipeline)
    const [first = ''] = message.split('\n')
    if (count <= mostFailures) say(`${state}     ${name} datum ${shortId(datum)}: ${first}`)
    if (count !== mostFailures + 1) return
    say(
      `${state}     ${name}: more datums fail; \`varve list datum ${name} --state failed\` lists them.`,
    )
  }
}

function withShortIds(text: string): string {
  return text.replaceAll(/\b[0-9a-f]{32,64}\b/g, shortId)
}
