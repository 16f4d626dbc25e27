import { VarveError } from '../model/index.ts'
import type { DatumInfo, JobInfo } from '../jobs/index.ts'
import { findJob, type JobSources } from './find-job.ts'
import { readsAll } from './reads-all.ts'
import type { LogLine, LogQuery } from './values.ts'

/** What needs no second look: runs of datums that were told, and jobs that had ended by then. */
type Told = Set<string>

/**
 * What the datums of a job printed, line by line; with `follow`, what is printed from then on too:
 * by jobs to come, or until the end of the one job named.
 */
export async function* logLines(sources: JobSources, query: LogQuery): AsyncGenerator<LogLine> {
  const told: Told = new Set()
  let next = query.follow === true ? nextChange(sources, query) : undefined
  yield* lastOf(linesNow(sources, query, told), query.tail)
  const isOver = (): boolean =>
    query.job !== undefined && told.has(nameOf(findJob(sources, query.job)))
  while (next !== undefined && !isOver()) {
    await next
    next = nextChange(sources, query)
    yield* linesNow(sources, query, told)
  }
}

/** Asked for before what is there is read: a change meanwhile must not be missed. */
function nextChange({ store }: JobSources, { signal }: LogQuery): Promise<void> {
  const change = store.changed(signal === undefined ? {} : { signal })
  // Nobody waits for it any more when the reader has enough.
  change.catch(() => {})
  return change
}

async function* lastOf(
  lines: AsyncIterable<LogLine>,
  count: number | undefined,
): AsyncGenerator<LogLine> {
  const last: LogLine[] = []
  for await (const line of lines) {
    if (count === undefined) yield line
    else if (last.push(line) > count) last.shift()
  }
  yield* last
}

async function* linesNow(
  { jobs, store }: JobSources,
  query: LogQuery,
  told: Told,
): AsyncGenerator<LogLine> {
  for (const job of jobsOf({ jobs, store }, query)) {
    if (told.has(nameOf(job))) continue
    if (job.finishedAt !== undefined) told.add(nameOf(job))
    const wanted = (datum: DatumInfo): boolean =>
      readsAll(datum, query.inputs ?? []) &&
      endedSince(datum, query.since) &&
      (query.follow !== true || isNews(told, datum))
    for await (const { datum, text } of jobs.datums.logs(job, { datum: query.datum, wanted })) {
      yield* linesOf(job, datum, text)
    }
  }
}

/** A datum that is tried again is told again. */
function isNews(told: Told, { job, id, startedAt = 0 }: DatumInfo): boolean {
  const run = `${job} ${id} ${startedAt}`
  if (told.has(run)) return false
  told.add(run)
  return true
}

const nameOf = ({ pipeline, id }: JobInfo): string => `${pipeline}@${id}`

function jobsOf(sources: JobSources, { pipeline, job }: LogQuery): readonly JobInfo[] {
  const { jobs } = sources
  if (job !== undefined) return [findJob(sources, job)]
  if (pipeline !== undefined) {
    jobs.pipelines.inspect(pipeline)
    return jobs.list({ pipeline, limit: 1 })
  }
  throw new VarveError('USAGE', {
    what: 'It is not said whose logs.',
    next: 'Name a pipeline with -p, or a job with -j PIPELINE@JOB.',
  })
}

function* linesOf(job: JobInfo, datum: DatumInfo, text: string): Generator<LogLine> {
  const paths = datum.inputs.map(({ name, path }) => `/${name}/${path}`)
  for (const line of text.replace(/\n$/, '').split('\n')) {
    yield { pipeline: job.pipeline, job: job.id, datum: datum.id, paths, text: line }
  }
}

function endedSince({ startedAt = 0, wallMs }: DatumInfo, since: number | undefined): boolean {
  return since === undefined || startedAt + wallMs >= since
}
