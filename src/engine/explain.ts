import { VarveError } from '../model/index.ts'
import type { DatumInfo, Explanation, JobInfo, Jobs } from '../jobs/index.ts'
import { findJob, type JobSources } from './find-job.ts'
import { readsAll } from './reads-all.ts'

/**
 * Answers `why` for a file (`repo@commit:path`), a job (`pipeline@job` or `pipeline`, its newest) or
 * one datum of that job, named by its id or by a path it reads.
 */
export async function explain(
  { jobs, store }: JobSources,
  thing: string,
  datum: string | undefined,
): Promise<Explanation> {
  const colon = thing.indexOf(':')
  if (colon >= 0) return jobs.why.file(thing.slice(0, colon), thing.slice(colon + 1))
  const job = findJob({ jobs, store }, thing)
  if (datum === undefined) return jobs.why.job(job)
  if (/^[0-9a-f]{8,64}$/.test(datum)) return jobs.why.datum(job, datum)
  return jobs.why.datum(job, (await datumReading(jobs, job, datum)).id)
}

async function datumReading(jobs: Jobs, job: JobInfo, path: string): Promise<DatumInfo> {
  for await (const datum of jobs.datums.list(job)) if (readsAll(datum, [path])) return datum
  throw new VarveError('DATUM_NOT_FOUND', {
    what: `No datum of ${job.pipeline}@${job.id} reads "${path}".`,
    data: { job: `${job.pipeline}@${job.id}`, path },
  })
}
