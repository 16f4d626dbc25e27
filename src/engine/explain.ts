import type { Explanation } from '../jobs/index.ts'
import { findDatum } from './find-datum.ts'
import { findJob, type JobSources } from './find-job.ts'

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
  return jobs.why.datum(job, (await findDatum(jobs, job, datum)).id)
}
