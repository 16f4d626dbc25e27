import { VarveError } from '../model/index.ts'
import type { DatumInfo, JobInfo, Jobs } from '../jobs/index.ts'
import { findJob, type JobSources } from './find-job.ts'
import { readsAll } from './reads-all.ts'
import type { LogLine, LogQuery } from './values.ts'

/** What the datums of a job printed, line by line; with `follow`, of jobs to come too. */
export async function* logLines(sources: JobSources, query: LogQuery): AsyncGenerator<LogLine> {
  const { tail } = query
  if (tail === undefined) {
    yield* linesOfJobs(sources, query)
    return
  }
  const last: LogLine[] = []
  for await (const line of linesOfJobs(sources, { ...query, follow: false })) {
    last.push(line)
    if (last.length > tail) last.shift()
  }
  yield* last
}

async function* linesOfJobs(sources: JobSources, query: LogQuery): AsyncGenerator<LogLine> {
  const seen = new Set<string>()
  for (;;) {
    for (const job of jobsOf(sources, query)) {
      const name = `${job.pipeline}@${job.id}`
      if (seen.has(name)) continue
      if (job.finishedAt !== undefined) seen.add(name)
      yield* linesOfJob(sources.jobs, job, query)
    }
    if (query.follow !== true || query.signal?.aborted === true) return
    await sources.store.changed(query.signal === undefined ? {} : { signal: query.signal })
  }
}

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

async function* linesOfJob(jobs: Jobs, job: JobInfo, query: LogQuery): AsyncGenerator<LogLine> {
  for await (const { datum, text } of jobs.datums.logs(job, query.datum)) {
    if (!readsAll(datum, query.inputs ?? []) || !endedSince(datum, query.since)) continue
    const paths = datum.inputs.map(({ name, path }) => `/${name}/${path}`)
    for (const line of text.replace(/\n$/, '').split('\n')) {
      yield { pipeline: job.pipeline, job: job.id, datum: datum.id, paths, text: line }
    }
  }
}

function endedSince({ startedAt = 0, wallMs }: DatumInfo, since: number | undefined): boolean {
  return since === undefined || startedAt + wallMs >= since
}
