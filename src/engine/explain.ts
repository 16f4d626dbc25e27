import { VarveError } from '../model/index.ts'
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
  refuseRepo({ jobs, store }, thing)
  const job = findJob({ jobs, store }, thing)
  if (datum === undefined) return jobs.why.job(job)
  return jobs.why.datum(job, (await findDatum(jobs, job, datum)).id)
}

/** Of a repo nothing was decided: only what is in it has a reason. */
function refuseRepo({ jobs, store }: JobSources, thing: string): void {
  const [name = '', commit = 'master'] = thing.split('@')
  if (!store.repos.exists(name)) return
  const { repo } = store.repos.inspect(name)
  if (jobs.pipelines.list().some(({ key }) => key === repo)) return
  throw new VarveError('USAGE', {
    what: `"${name}" is a repo that people write to; \`why\` explains a file, a job or a datum.`,
    next: `Name a file of it (\`varve why ${name}@${commit}:PATH\`), or a pipeline that reads it (\`varve why PIPELINE\`).`,
    data: { repo },
  })
}
