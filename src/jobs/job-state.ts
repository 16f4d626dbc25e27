import { invariant, unreachable } from '../util/index.ts'
import type { CodeRecord, JobCounters, JobInfo, JobState } from './types.ts'
import type { CommitId } from '../model/index.ts'

/** What can happen to a job. Times are milliseconds since the epoch. */
export type JobStep =
  | {
      readonly kind: 'start'
      readonly at: number
      readonly code: CodeRecord
      readonly base: CommitId | undefined
      /** When a run that was cut short did something last, as far as its results tell. */
      readonly workedUntil?: number
    }
  | { readonly kind: 'count'; readonly counters: JobCounters }
  | { readonly kind: 'egress' }
  | {
      readonly kind: 'end'
      readonly at: number
      readonly state: EndState
      readonly reason?: string
      readonly counters?: JobCounters
    }

export type EndState = 'success' | 'failure' | 'killed' | 'unrunnable'

export const noDatums: JobCounters = {
  processed: 0,
  skipped: 0,
  cached: 0,
  recovered: 0,
  failed: 0,
  total: 0,
}

export function isEnded(state: JobState): state is EndState {
  return state === 'success' || state === 'failure' || state === 'killed' || state === 'unrunnable'
}

/** The job after a step. An ended job stays as it is for ever: taking a step then is a bug. */
export function advance(job: JobInfo, step: JobStep): JobInfo {
  invariant(!isEnded(job.state), `job ${job.pipeline}@${job.id} has ended and cannot ${step.kind}`)
  switch (step.kind) {
    case 'start':
      // A run that was killed leaves `running` behind: starting again keeps the first start.
      return {
        ...job,
        state: 'running',
        startedAt: job.startedAt ?? step.at,
        ...(job.startedAt === undefined ? {} : resumed(job, job.startedAt, step)),
        code: step.code,
        base: step.base,
      }
    case 'count':
      return { ...job, counters: step.counters }
    case 'egress':
      return { ...job, state: 'egressing' }
    case 'end':
      return {
        ...job,
        state: step.state,
        reason: step.reason,
        counters: step.counters ?? job.counters,
        startedAt: job.startedAt ?? step.at,
        finishedAt: step.at,
      }
    default:
      return unreachable(step)
  }
}

/** The time since the last work counts as idle: a job did not take a night because nobody ran it. */
function resumed(
  { resumedAt, idleMs = 0 }: JobInfo,
  startedAt: number,
  { at, workedUntil = 0 }: { readonly at: number; readonly workedUntil?: number },
): Pick<JobInfo, 'resumedAt' | 'idleMs'> {
  const until = Math.min(at, Math.max(workedUntil, resumedAt ?? startedAt))
  return { resumedAt: at, idleMs: idleMs + at - until }
}
