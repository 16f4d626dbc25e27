import { isVarveError } from '../model/index.ts'
import { showRepo, type StoreTx } from '../repos/index.ts'
import type { CodeFacts } from './fingerprint.ts'
import { setUpJob, type JobSetup } from './job-base.ts'
import { openJobs } from './job-catalog.ts'
import { inputCommits } from './job-inputs.ts'
import { advance, noDatums } from './job-state.ts'
import { unreachable } from '../util/index.ts'
import { emitJob, finishWithError } from './propagation.ts'
import type { JobInfo } from './types.ts'

/** What can be said of an unfinished job from the catalog alone. */
export type Readiness =
  /** An input is not computed yet, or an earlier job of the pipeline goes first. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'unrunnable'; readonly reason: string }
  /** Equal inputs, equal code: the base's output is the output. */
  | { readonly kind: 'same'; readonly setup: JobSetup }
  | { readonly kind: 'work'; readonly setup: JobSetup }
  | { readonly kind: 'broken'; readonly reason: string }

type View = Parameters<typeof setUpJob>[0]

export function readinessOf(view: View, job: JobInfo, facts: CodeFacts): Readiness {
  const commits = inputCommits(view, job)
  if (commits.includes(undefined)) {
    return { kind: 'broken', reason: 'an input commit was removed' }
  }
  if (commits.some((commit) => commit?.state === 'open')) return { kind: 'waiting' }
  const failed = commits.flatMap((commit) => (commit?.error === undefined ? [] : [commit.repo]))
  if (failed.length > 0) {
    const names = failed.map((repo) => showRepo(repo)).join(', ')
    const reason = `unrunnable because the following upstream pipelines failed: ${names}`
    return { kind: 'unrunnable', reason }
  }
  try {
    const setup = setUpJob(view, job, facts)
    if (setup === undefined) {
      return { kind: 'broken', reason: 'the version of the pipeline is gone' }
    }
    return { kind: setup.reuse.kind === 'same' ? 'same' : 'work', setup }
  } catch (error) {
    // An operator nobody knows, say: the job fails and names it.
    if (isVarveError(error)) return { kind: 'broken', reason: error.message }
    throw error
  }
}

/**
 * Ends every job that needs no work, in one transaction: those whose inputs failed and those whose
 * inputs and code are as they were. One ending lets the next be judged, so a change that changes
 * nothing runs down the whole graph at the cost of one record.
 */
export async function settleJobs(
  tx: StoreTx,
  facts: CodeFacts,
  mayTouch: (job: JobInfo) => boolean,
): Promise<JobInfo[]> {
  const ended: JobInfo[] = []
  const stuck = new Set<string>()
  for (const job of openJobs(tx.db)) {
    // Jobs come oldest first, which puts inputs before what reads them.
    const done =
      stuck.has(job.pipeline) || !mayTouch(job) ? undefined : await settle(tx, job, facts)
    if (done === undefined) stuck.add(job.pipeline)
    else ended.push(done)
  }
  return ended
}

async function settle(tx: StoreTx, job: JobInfo, facts: CodeFacts): Promise<JobInfo | undefined> {
  const ready = readinessOf(tx, job, facts)
  switch (ready.kind) {
    case 'waiting':
    case 'work':
      return undefined
    case 'unrunnable':
      return endWithError(tx, job, { state: 'unrunnable', reason: ready.reason })
    case 'broken':
      return endWithError(tx, job, { state: 'failure', reason: ready.reason })
    case 'same':
      return endSame(tx, ready.setup)
    default:
      return unreachable(ready)
  }
}

async function endWithError(
  tx: StoreTx,
  job: JobInfo,
  end: { readonly state: 'unrunnable' | 'failure'; readonly reason: string },
): Promise<JobInfo> {
  const ended = advance(job, { kind: 'end', at: tx.at, ...end })
  emitJob(tx, ended)
  await finishWithError(tx, job, end.reason)
  return ended
}

async function endSame(tx: StoreTx, { job, code, reuse }: JobSetup): Promise<JobInfo | undefined> {
  if (reuse.kind !== 'same') return undefined
  const { base, why } = reuse
  const { total } = base.job.counters
  const started = advance(job, { kind: 'start', at: tx.at, code, base: base.job.id })
  const ended = advance(started, {
    kind: 'end',
    at: tx.at,
    state: 'success',
    reason: why,
    counters: { ...noDatums, skipped: total, total },
  })
  emitJob(tx, ended)
  const commit = { repo: job.pipeline, id: job.id }
  await tx.commits.finishAuto({ commit, files: base.files, datums: base.datums })
  return ended
}
