import type { CommitId } from '../model/index.ts'
import type { JobInfo, JobState, RunEvent, RunOptions } from '../jobs/index.ts'
import type { Store } from '../repos/index.ts'
import { longestTimerMs } from '../util/index.ts'
import { findJob } from './find-job.ts'
import type { Runtime } from './runtime.ts'
import type { DueRequest, RunRequest, WaitRequest } from './values.ts'

/** Runs what is due until nothing is left; with `watch` goes on until the signal. */
export async function* runDueJobs(
  runtime: Runtime,
  store: Store,
  { signal, watch = false }: RunRequest,
): AsyncGenerator<RunEvent> {
  const options: RunOptions = signal === undefined ? {} : { signal }
  for (;;) {
    await runtime.jobs.cron.tickDue()
    // Operators take longer to load than all else a run with nothing to do has to do.
    if (hasOpenJobs(runtime)) {
      await runtime.prepare('run')
      yield* runtime.jobs.run(options)
    }
    if (!watch || isAborted(signal)) return
    await changeOrTick(runtime, store, signal)
    if (isAborted(signal)) return
  }
}

function hasOpenJobs({ jobs }: Runtime): boolean {
  return jobs.list({ states: openStates, limit: 1 }).length > 0
}

/**
 * Resolves when a run may find work: a cron tick is due, a job is open that is not among `left`, or
 * something changed and any job is open. Needs no lock: it only looks.
 */
export async function untilDue(
  runtime: Runtime,
  store: Store,
  { left = [], signal }: DueRequest,
): Promise<void> {
  const known = new Set(left.map(({ pipeline, id }) => `${pipeline}@${id}`))
  const isNew = ({ pipeline, id }: JobInfo): boolean => !known.has(`${pipeline}@${id}`)
  if (runtime.jobs.list({ states: openStates }).some(isNew)) return
  while (!isAborted(signal)) {
    const due = await runtime.jobs.cron.nextDue()
    if (due !== undefined && due <= runtime.now()) return
    await changeOrTick(runtime, store, signal)
    if (hasOpenJobs(runtime)) return
  }
}

const openStates: readonly JobState[] = ['created', 'running', 'egressing', 'finishing']

/** Resolves when something was committed, a cron tick is due, or the signal came. */
async function changeOrTick(
  runtime: Runtime,
  store: Store,
  signal: AbortSignal | undefined,
): Promise<void> {
  const due = await runtime.jobs.cron.nextDue()
  const timer = new AbortController()
  const wait =
    due === undefined ? undefined : Math.min(Math.max(due - runtime.now(), 0), longestTimerMs)
  const timeout = wait === undefined ? undefined : setTimeout(() => timer.abort(), wait)
  const signals = signal === undefined ? [timer.signal] : [timer.signal, signal]
  try {
    await store.changed({ signal: AbortSignal.any(signals) })
  } catch (error) {
    if (!timer.signal.aborted && signal?.aborted !== true) throw error
  } finally {
    clearTimeout(timeout)
  }
}

/** Runs what a commit, a set or a job needs; ends when it is finished, whoever finishes it. */
export async function* waitForJobs(
  runtime: Runtime,
  store: Store,
  { commit, job, signal }: WaitRequest,
): AsyncGenerator<RunEvent> {
  await runtime.prepare('run')
  const stop = signal === undefined ? {} : { signal }
  if (job !== undefined) {
    const { pipeline, id } = findJob({ jobs: runtime.jobs, store }, job)
    yield* runtime.jobs.run({ until: { job: { pipeline, id } }, ...stop })
    await runtime.jobs.wait({ pipeline, id }, stop)
    return
  }
  if (commit === undefined) return
  const set = isSet(commit) ? commit : store.commits.inspect(commit).id
  store.commits.set(set)
  yield* runtime.jobs.run({ until: { set }, ...stop })
  if (isSet(commit)) await store.waitSet(set, stop)
  else await store.waitCommit(commit, stop)
}

function isSet(text: string): text is CommitId {
  return /^[0-9a-f]{32}$/.test(text)
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true
}
