import { isCommitId } from '../model/index.ts'
import type { JobInfo, Jobs } from '../jobs/index.ts'
import type { Store } from '../repos/index.ts'

export interface JobSources {
  readonly jobs: Jobs
  readonly store: Store
}

/**
 * The job a user names: `pipeline@job`, `pipeline` for its newest, or `pipeline@branch` for the one
 * behind the head of that branch of its output.
 */
export function findJob({ jobs, store }: JobSources, reference: string): JobInfo {
  const at = reference.indexOf('@')
  if (at >= 0) jobs.pipelines.inspect(reference.slice(0, at))
  if (at < 0 || isCommitId(reference.slice(at + 1))) return jobs.inspect(reference)
  const { repo, id } = store.commits.inspect(reference)
  return jobs.inspect({ pipeline: repo, id })
}
