import type { EventBus } from '../events/index.ts'
import type { Digest } from '../model/index.ts'
import type { Store } from '../repos/index.ts'
import type { Clock, Random } from '../util/index.ts'
import type { CronTicks } from './cron-ticks.ts'
import { openDatums, type Datums } from './datums.ts'
import type { Explain } from './explain.ts'
import type { CodeFacts } from './fingerprint.ts'
import { inspectJob, listJobs, openJobs as unfinished } from './job-catalog.ts'
import { isEnded } from './job-state.ts'
import { emit } from './ops.ts'
import { openPipelines, type Pipelines } from './pipelines.ts'
import type { PlanOptions } from './plan-jobs.ts'
import { killJobs } from './propagation.ts'
import type { JobRunner } from './run-jobs.ts'
import type { Machine } from './datum-run/machine.ts'
import type { CacheLimits, CacheTrim } from './trim-cache.ts'
import type { JobFilter, JobInfo, JobPlan, JobRef, RunEvent, RunOptions } from './types.ts'

export interface JobsDeps {
  /** Opened with `jobsReducer` and `jobsPropagation`. */
  readonly store: Store
  /** Root of a tree without keys (`EMPTY_TREE` of room `tree`). */
  readonly emptyTree: Digest
  readonly machine: Machine
  readonly facts: CodeFacts
  /** Where other processes ask this one to stop a job. */
  readonly bus?: EventBus
  readonly clock: Clock
  readonly random: Random
}

/** Pipelines, the jobs they cause, and running them. */
export interface Jobs {
  readonly pipelines: Pipelines
  readonly cron: CronTicks
  readonly datums: Datums
  readonly why: Explain
  /** Newest first. */
  list(filter?: JobFilter): readonly JobInfo[]
  /** `JOB_NOT_FOUND`. A text is `pipeline@id`, or `pipeline` for its newest job. */
  inspect(job: JobRef): JobInfo
  /** Kills an unfinished job; an ended one stays as it is. */
  stop(job: JobRef, reason?: string): Promise<JobInfo>
  /**
   * Forgets a job, killing it first when it has not ended. Its output commit stays; later jobs start
   * from the newest commit whose job is there.
   */
  delete(job: JobRef): Promise<void>
  /** Resolves when the job has ended, here or in another process. */
  wait(job: JobRef, options?: { readonly signal?: AbortSignal }): Promise<JobInfo>
  /** What `run` would do, without doing it. */
  plan(options?: PlanOptions): AsyncIterable<JobPlan>
  /** Forgets cached results nobody used for long; what only they named is garbage from then on. */
  trimCache(options: CacheLimits & { readonly dryRun?: boolean }): Promise<CacheTrim>
  /** Runs what is to be run; only one run at a time in a process. */
  run(options?: RunOptions): AsyncIterable<RunEvent>
}

export function openJobs(deps: JobsDeps): Jobs {
  const { store, emptyTree, machine, facts, bus, clock, random } = deps
  // Planning and running come with their first use: a command that only looks loads neither.
  let runner: JobRunner | undefined
  const openRunner = async (): Promise<JobRunner> => {
    const [{ JobRunner }, { runnerMaker }] = await Promise.all([
      import('./run-jobs.ts'),
      import('./runner-for.ts'),
    ])
    const runnerFor = runnerMaker({ view: store, content: store.content, machine, clock, random })
    runner ??= new JobRunner({ store, emptyTree, facts, runnerFor, random })
    return runner
  }
  const killHere = (job: JobInfo, reason: string): void => void runner?.kill(job, reason)
  const isRunning = (job: JobInfo): boolean => runner?.isRunning(job) ?? false
  const datums = openDatums({ store, facts, isRunning, emptyTree })

  const stop = async (ref: JobRef, reason = 'stopped by the user'): Promise<JobInfo> => {
    const job = inspectJob(store.db, ref)
    if (isEnded(job.state)) return job
    await store.transact((tx) => killJobs(tx, [inspectJob(tx.db, job)], reason))
    killHere(job, reason)
    return inspectJob(store.db, job)
  }

  async function* run(options: RunOptions = {}): AsyncGenerator<RunEvent, void, undefined> {
    if (unfinished(store.db).length === 0) return
    const done = new AbortController()
    const control = bus === undefined ? undefined : await listenForStops(bus, stop, done.signal)
    try {
      for (const message of machine.sandbox.warnings) yield { type: 'warning', message }
      yield* (await openRunner()).run(options)
    } finally {
      done.abort()
      await control?.ended
    }
  }

  return {
    pipelines: openPipelines(store, random, killHere),
    cron: ticksOnDemand(store, clock),
    datums,
    why: whyOnDemand(store, datums),
    list: (filter) => listJobs(store.db, filter),
    inspect: (ref) => inspectJob(store.db, ref),
    stop,
    delete: async (ref) => {
      const job = inspectJob(store.db, ref)
      const { pipeline, id } = job
      await store.transact(async (tx) => {
        await killJobs(tx, [inspectJob(tx.db, job)], 'deleted by the user')
        emit(tx, { op: 'job.delete', pipeline, id })
      })
      killHere(job, 'deleted by the user')
    },
    wait: async (ref, options = {}) => {
      const { pipeline, id } = inspectJob(store.db, ref)
      for (;;) {
        const job = inspectJob(store.db, { pipeline, id })
        if (isEnded(job.state)) return job
        await store.changed(options)
      }
    },
    trimCache: async (options) => {
      const { trimCache } = await import('./trim-cache.ts')
      return trimCache(store, clock, options)
    },
    plan: async function* (options) {
      const { planJobs } = await import('./plan-jobs.ts')
      yield* planJobs(store, facts, options)
    },
    run,
  }
}

function ticksOnDemand(store: Store, clock: Clock): CronTicks {
  const open = async (): Promise<CronTicks> =>
    (await import('./cron-ticks.ts')).openCronTicks(store, clock)
  return {
    tickDue: async () => (await open()).tickDue(),
    tickNow: async (pipeline) => (await open()).tickNow(pipeline),
    nextDue: async () => (await open()).nextDue(),
  }
}

function whyOnDemand(store: Store, datums: Datums): Explain {
  const open = async (): Promise<Explain> =>
    (await import('./explain.ts')).openExplain(store, datums)
  return {
    datum: async (job, id) => (await open()).datum(job, id),
    file: async (commit, path) => (await open()).file(commit, path),
    job: async (job) => (await open()).job(job),
  }
}

/** Answers the promise of listening, wrapped so that waiting for the start does not wait for its end. */
async function listenForStops(
  bus: EventBus,
  stop: (job: JobRef) => Promise<unknown>,
  signal: AbortSignal,
): Promise<{ readonly ended: Promise<void> }> {
  const { openControl, watchControl } = await import('./control.ts')
  const control = await openControl(bus)
  return { ended: watchControl(control, async (job) => void (await stop(job)), signal) }
}
