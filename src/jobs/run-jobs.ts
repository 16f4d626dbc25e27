import type { CommitId, Digest } from '../model/index.ts'
import type { CommitKey, Store } from '../repos/index.ts'
import type { Random } from '../util/index.ts'
import { cutShortBy, type CutShort } from './cut-short.ts'
import { EventQueue } from './event-queue.ts'
import type { CodeFacts } from './fingerprint.ts'
import { inspectJob, openJobs } from './job-catalog.ts'
import { JobRun } from './job-run.ts'
import { isEnded } from './job-state.ts'
import type { RunnerMaker } from './runner-for.ts'
import { readinessOf, settleJobs } from './settle-jobs.ts'
import type { JobInfo, RunEvent, RunOptions } from './types.ts'

/** Jobs at a time. Datums share the machine; a job itself costs little but memory for its plan. */
const mostJobs = 16

export interface RunDeps {
  readonly store: Store
  readonly emptyTree: Digest
  readonly facts: CodeFacts
  readonly runnerFor: RunnerMaker
  readonly random: Random
}

const nameOf = ({ pipeline, id }: Pick<JobInfo, 'pipeline' | 'id'>): string => `${pipeline}@${id}`

/**
 * Runs unfinished jobs until nothing is left to do: those whose inputs are computed, side by side;
 * jobs of one pipeline one after another. State is the catalog alone, so stopping at any moment and
 * starting again, even in another process, goes on where it stopped.
 */
export class JobRunner {
  readonly #deps: RunDeps
  readonly #running = new Map<string, { readonly cut: CutShort; readonly ended: Promise<void> }>()
  #failure: { readonly error: unknown } | undefined

  constructor(deps: RunDeps) {
    this.#deps = deps
  }

  isRunning(job: Pick<JobInfo, 'pipeline' | 'id'>): boolean {
    return this.#running.has(nameOf(job))
  }

  /** Kills a job that runs here; false when none of that name does. */
  kill(job: Pick<JobInfo, 'pipeline' | 'id'>, reason: string): boolean {
    const running = this.#running.get(nameOf(job))
    running?.cut.kill(reason)
    return running !== undefined
  }

  async *run(options: RunOptions = {}): AsyncGenerator<RunEvent, void, undefined> {
    const events = new EventQueue<RunEvent>()
    const stop = new AbortController()
    const signal =
      options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
    const loop = this.#loop(options, signal, (event) => events.push(event))
      .then(() => events.end())
      .catch((error: unknown) => events.fail(error))
    try {
      yield* events
    } finally {
      // A caller that stops listening stops the run.
      stop.abort()
      await loop
    }
  }

  async #loop(
    options: RunOptions,
    signal: AbortSignal,
    tell: (event: RunEvent) => void,
  ): Promise<void> {
    const inner = new AbortController()
    const cut = AbortSignal.any([signal, inner.signal])
    for (;;) {
      if (cut.aborted || this.#failure !== undefined) break
      await this.#settle(options, tell)
      this.#startReady(options, cut, tell)
      if (this.#running.size === 0) break
      await Promise.race([...this.#running.values()].map(({ ended }) => ended))
    }
    inner.abort()
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure.error
  }

  /** A transaction is only worth its record when something ends by it. */
  async #settle(options: RunOptions, tell: (event: RunEvent) => void): Promise<void> {
    const { store, facts } = this.#deps
    const wanted = this.#wanted(options)
    const mayTouch = (job: JobInfo): boolean => wanted(job) && !this.#running.has(nameOf(job))
    if (!this.#anySettles(mayTouch)) return
    const ended = await store.transact((tx) => settleJobs(tx, facts, mayTouch))
    for (const job of ended) tell({ type: 'job.finished', job })
  }

  #anySettles(mayTouch: (job: JobInfo) => boolean): boolean {
    const { store, facts } = this.#deps
    return this.#firstOfEach().some((job) => {
      if (!mayTouch(job)) return false
      const { kind } = readinessOf(store, job, facts)
      return kind !== 'waiting' && kind !== 'work'
    })
  }

  #startReady(options: RunOptions, signal: AbortSignal, tell: (event: RunEvent) => void): void {
    const wanted = this.#wanted(options)
    for (const job of this.#firstOfEach()) {
      if (this.#running.size >= mostJobs) return
      if (this.#running.has(nameOf(job)) || !wanted(job)) continue
      const ready = readinessOf(this.#deps.store, job, this.#deps.facts)
      if (ready.kind === 'work') this.#start(ready.setup, signal, tell)
    }
  }

  #start(setup: JobRunSetup, signal: AbortSignal, tell: (event: RunEvent) => void): void {
    const { store, emptyTree, runnerFor, random } = this.#deps
    const cut = cutShortBy(signal, setup.pipeline.spec.jobTimeoutMs)
    const ended = new JobRun({ store, emptyTree, runnerFor, random, setup, cut, tell })
      .run()
      .then(() => undefined)
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .finally(() => {
        cut.close()
        this.#running.delete(nameOf(setup.job))
      })
    this.#running.set(nameOf(setup.job), { cut, ended })
  }

  /** The oldest unfinished job of each pipeline: the others wait for it. */
  #firstOfEach(): JobInfo[] {
    const first = new Map<string, JobInfo>()
    for (const job of openJobs(this.#deps.store.db)) {
      if (!first.has(job.pipeline)) first.set(job.pipeline, job)
    }
    return [...first.values()]
  }

  /** Which jobs have to run for what was asked: those, what they read, and what goes before them. */
  #wanted({ until = 'idle' }: RunOptions): (job: JobInfo) => boolean {
    if (until === 'idle') return () => true
    const { db } = this.#deps.store
    const open = openJobs(db)
    const asked =
      'set' in until
        ? open.filter(({ id }) => id === until.set)
        : open.filter((job) => nameOf(job) === nameOf(inspectJob(db, until.job)))
    return isNeededBy(open, asked)
  }
}

type JobRunSetup = ConstructorParameters<typeof JobRun>[0]['setup']

function isNeededBy(
  open: readonly JobInfo[],
  asked: readonly JobInfo[],
): (job: JobInfo) => boolean {
  const byName = new Map(open.map((job) => [nameOf(job), job]))
  const needed = new Set<string>()
  const waiting = [...asked]
  for (let job = waiting.pop(); job !== undefined; job = waiting.pop()) {
    if (needed.has(nameOf(job))) continue
    needed.add(nameOf(job))
    const { pipeline } = job
    const place = open.indexOf(job)
    waiting.push(...open.slice(0, place).filter((other) => other.pipeline === pipeline))
    for (const { repo, id } of job.inputs as readonly (CommitKey & { id: CommitId })[]) {
      const above = byName.get(`${repo}@${id}`)
      if (above !== undefined) waiting.push(above)
    }
  }
  return (job) => needed.has(nameOf(job)) && !isEnded(job.state)
}
