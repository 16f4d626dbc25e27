import { isVarveError, type Digest } from '../model/index.ts'
import type { Store, StoreTx } from '../repos/index.ts'
import { messageOf, type Random } from '../util/index.ts'
import { lookUpCached } from './cached-results.ts'
import { conflictReason } from './conflict-reason.ts'
import { cutShort, type CutShort } from './cut-short.ts'
import type { DatumRunner, DatumToRun, EndedDatum } from './datum-run/datum-runner.ts'
import { storeLogs } from './datum-logs.ts'
import { handOver } from './hand-over.ts'
import type { JobSetup } from './job-base.ts'
import { findJob, findResults, hasResults, lastWorkAt, resultPages } from './job-catalog.ts'
import { advance, type EndState } from './job-state.ts'
import { emit, type DatumsDoneOp } from './ops.ts'
import { OutputTree, type OutputConflict } from './output-tree.ts'
import { planJob, type JobWork } from './plan-job.ts'
import { emitJob } from './propagation.ts'
import { ResultLog, usesCache } from './result-log.ts'
import type { RunnerMaker } from './runner-for.ts'
import { Tally } from './tally.ts'
import type { JobInfo, RunEvent } from './types.ts'

interface JobEnd {
  readonly state: EndState
  readonly reason?: string
}

export interface JobRunOptions {
  readonly store: Store
  /** Root of a tree without keys: where outputs start that keep nothing. */
  readonly emptyTree: Digest
  readonly runnerFor: RunnerMaker
  readonly setup: JobSetup
  readonly random: Random
  readonly cut: CutShort
  readonly tell: (event: RunEvent) => void
}

/**
 * One run of one job, from its plan to its output commit. Results are made durable as they come, so
 * that a run cut short by the signal, or by the machine, is resumed with what is missing.
 */
export class JobRun {
  readonly #options: JobRunOptions
  readonly #results: ResultLog
  readonly #tally: Tally
  readonly #tree: OutputTree
  readonly #fresh: boolean
  readonly #resumed: boolean
  #job: JobInfo
  /** All datums are counted, so what is left is known. */
  #planned = false

  constructor(options: JobRunOptions) {
    const { setup, store, emptyTree } = options
    const base = setup.reuse.kind === 'nothing' ? undefined : setup.reuse.base
    this.#options = options
    this.#fresh = setup.reuse.kind !== 'changes'
    this.#resumed = hasResults(store.db, setup.job)
    this.#job = setup.job
    this.#results = new ResultLog(store, setup)
    this.#tally = new Tally(this.#fresh ? 0 : (base?.job.counters.total ?? 0))
    this.#tree = new OutputTree(
      store.content,
      this.#fresh || base === undefined ? { files: emptyTree, datums: emptyTree } : base,
    )
  }

  /** Answers the job as it ended; undefined when it was interrupted and stays to be resumed. */
  async run(): Promise<JobInfo | undefined> {
    const { store, cut } = this.#options
    if (!(await this.#start())) return findJob(store.db, this.#job.pipeline, this.#job.id)
    return store.adding(async () => {
      try {
        const found = this.#runner()
        if (found.kind === 'refused') {
          return await this.#end({ state: 'failure', reason: found.reason })
        }
        await this.#work(found.runner)
        const why = cutShort(cut)
        if (why === undefined) return await this.#end(this.#outcome())
        if (why.kind === 'killed') return await this.#end({ state: 'killed', reason: why.reason })
      } catch (error) {
        if (cutShort(cut)?.kind !== 'interrupted') throw error
      }
      await this.#results.flush()
      return undefined
    })
  }

  /** False when somebody ended or deleted the job just now: that end stands. */
  async #start(): Promise<boolean> {
    const { store, setup, tell } = this.#options
    const { job, code, reuse } = setup
    const base = reuse.kind === 'nothing' ? undefined : reuse.base.job.id
    const workedUntil = this.#resumed ? lastWorkAt(store.db, job) : 0
    const isOpen = await store.transact((tx) => {
      if (!isUnfinished(tx, job)) return false
      this.#job = advance(job, { kind: 'start', at: tx.at, code, base, workedUntil })
      emitJob(tx, this.#job)
      const subject = `${this.#job.pipeline}@${this.#job.id}`
      tx.announce({ type: 'job.started', subject, data: { reuse: setup.reuse.kind } })
      return true
    })
    if (isOpen) tell({ type: 'job.started', job: this.#job })
    return isOpen
  }

  /** A pipeline that cannot run as it is declared fails its own job and keeps no other from running. */
  #runner(): { kind: 'runner'; runner: DatumRunner } | { kind: 'refused'; reason: string } {
    const { runnerFor, setup, cut } = this.#options
    try {
      const runner = runnerFor({
        setup: { ...setup, job: this.#job },
        signal: cut.signal,
        onEnd: (ended) => this.#ended(ended),
      })
      return { kind: 'runner', runner }
    } catch (error) {
      if (!isVarveError(error)) throw error
      return { kind: 'refused', reason: `${error.message} ${error.next}` }
    }
  }

  async #ended(ended: readonly EndedDatum[]): Promise<void> {
    const { store, tell } = this.#options
    const logs = await storeLogs(store.content, this.#job.pipeline, ended)
    const withLogs = ended.map((each, place) => {
      const log = logs[place]
      return log === undefined ? each : { ...each, log }
    })
    this.#results.add(withLogs)
    for (const { datum, end } of ended) {
      this.#tally.ended(datum.id, end)
      if (end.state !== 'failed') continue
      const message = end.message ?? ''
      tell({ type: 'datum.failed', job: this.#job, datum: datum.id, message })
    }
    this.#progress()
  }

  async #work(runner: DatumRunner): Promise<void> {
    try {
      await this.#submitAll(runner)
    } catch (error) {
      // Its commands and the files of its secrets must not outlive a run that goes wrong.
      this.#options.cut.kill(messageOf(error))
      await runner.finish().catch(() => undefined)
      throw error
    }
    await runner.finish()
  }

  async #submitAll(runner: DatumRunner): Promise<void> {
    const { store, setup, cut } = this.#options
    const planner = { content: store.content, commits: store.commits }
    let next: JobWork | undefined
    for await (const part of planJob(planner, setup)) {
      if (cut.signal.aborted) break
      if (next !== undefined) await this.#submit(runner, next)
      next = part
    }
    // Which part is the last is to be known before it runs: submitting takes as long as running.
    if (next !== undefined && !cut.signal.aborted) await this.#submit(runner, next, true)
    this.#planned = true
    this.#progress()
  }

  async #submit(runner: DatumRunner, part: JobWork, isLast = false): Promise<void> {
    await this.#prepare(part)
    const left = await this.#reuse(part.run)
    this.#planned = isLast
    this.#progress()
    await runner.submit(left)
  }

  async #prepare(part: JobWork): Promise<void> {
    if (part.remove.length > 0) await this.#tree.remove(part.remove)
    if (part.indexEdits.length > 0) await this.#tree.editIndex(part.indexEdits)
    // Kept results were of one tree already and cannot be in each other's way.
    if (part.keep.length > 0) await this.#tree.add(part.keep)
    const rerun = part.remove.length - part.gone
    const fresh = part.run.length - rerun
    this.#tally.planned({ fresh, rerun, gone: part.gone, keep: part.keep.length })
  }

  /** Takes out what is done already: by this job before it was cut short, or by any, in the cache. */
  async #reuse(run: readonly DatumToRun[]): Promise<readonly DatumToRun[]> {
    const { store, setup } = this.#options
    const ids = run.map(({ datum }) => datum.id)
    const done = this.#resumed ? findResults(store.db, this.#job, ids) : []
    const open = run.filter((each, place) => {
      const record = done[place]
      // Failing may have been the fault of what interrupted the run.
      if (record === undefined || record.state === 'failed') return true
      // The code may have changed since: an operator, an image, what `rerun --reprocess` asks.
      if (record.fingerprint !== setup.code.fingerprint) return true
      this.#tally.resumed(each.datum.id, record)
      return false
    })
    if (!usesCache(setup) || open.length === 0) return open
    const { hits, misses } = await lookUpCached(store, setup.code.fingerprint, open)
    this.#tally.cached(hits.length)
    this.#results.addCached(hits)
    return misses
  }

  #outcome(): JobEnd {
    const failed = this.#tally.firstFailure
    if (failed === undefined || this.#options.setup.pipeline.spec.onFailure === 'continue') {
      return { state: 'success' }
    }
    const more = this.#tally.counters.failed - 1
    const others = more > 0 ? ` (and ${more} more)` : ''
    return { state: 'failure', reason: `datum ${failed.id} failed: ${failed.message}${others}` }
  }

  async #end(end: JobEnd): Promise<JobInfo> {
    // Handing over may be cut short; what is done must not hang on that. And of a datum that was done
    // again by a resumed job only its last result counts, which the catalog tells.
    if (this.#resumed || this.#egressUrl !== undefined) await this.#results.flush()
    const pending = await this.#results.take()
    const conflict = await this.#addResults(pending)
    const last =
      conflict === undefined || end.state !== 'success' ? end : await this.#clash(conflict, pending)
    return this.#commit((await this.#egress(last)) ?? last, pending)
  }

  /** Of a datum that an earlier job ran only the id is told. */
  async #clash(conflict: OutputConflict, { datums: pending }: DatumsDoneOp): Promise<JobEnd> {
    const { store } = this.#options
    const stored = findResults(store.db, this.#job, conflict.datums)
    const records = conflict.datums.flatMap(
      (id, at) => stored[at] ?? pending.find((datum) => datum.id === id)?.record ?? [],
    )
    return { state: 'failure', reason: await conflictReason(store.content, conflict, records) }
  }

  /** Datums are recorded after a conflict too: they are what its finder looks at. */
  async #addResults(pending: DatumsDoneOp): Promise<OutputConflict | undefined> {
    const { store } = this.#options
    const written = this.#resumed ? undefined : this.#results.written
    const pages = written === undefined ? resultPages(store.db, this.#job) : [written]
    const conflicts: (OutputConflict | undefined)[] = []
    for (const page of pages) conflicts.push(await this.#tree.add(page))
    conflicts.push(await this.#tree.add(pending.datums))
    return conflicts.find((conflict) => conflict !== undefined) ?? this.#tree.flush()
  }

  get #egressUrl(): string | undefined {
    return this.#options.setup.pipeline.spec.egressUrl
  }

  /** Answers how the job ends instead when the output could not be handed over. */
  async #egress(end: JobEnd): Promise<JobEnd | undefined> {
    const { store, emptyTree, random, cut } = this.#options
    const url = this.#egressUrl
    if (url === undefined || end.state !== 'success') return undefined
    const isOpen = await store.transact((tx) => {
      if (!isUnfinished(tx, this.#job)) return false
      this.#job = advance(this.#job, { kind: 'egress' })
      emitJob(tx, this.#job)
      return true
    })
    // What was stopped meanwhile is not handed over.
    if (!isOpen) return undefined
    this.#progress()
    const { pipeline } = this.#job
    const root = this.#tree.roots.files
    try {
      const { signal } = cut
      const fault = await handOver({ store, pipeline, url, root, emptyTree, random, signal })
      return fault === undefined ? undefined : { state: 'failure', reason: fault.message }
    } catch (error) {
      const why = cutShort(cut)
      if (why?.kind !== 'killed') throw error
      return { state: 'killed', reason: why.reason }
    }
  }

  /** The output commit, the end of the job and the last results: one record, all or nothing. */
  async #commit({ state, reason }: JobEnd, pending: DatumsDoneOp): Promise<JobInfo> {
    const { store, tell } = this.#options
    const commit = { repo: this.#job.pipeline, id: this.#job.id }
    const counters = this.#tally.counters
    const job = await store.transact(async (tx) => {
      // Stopped, updated or dropped by somebody while the last datums ran: that end stands.
      if (!isUnfinished(tx, this.#job)) return undefined
      if (pending.datums.length > 0) emit(tx, pending)
      const ended = advance(this.#job, {
        kind: 'end',
        at: tx.at,
        state,
        counters,
        ...(reason === undefined ? {} : { reason }),
      })
      emitJob(tx, ended)
      const { files, datums } = this.#tree.roots
      const error = state === 'success' ? {} : { error: reason ?? state }
      await tx.commits.finishAuto({ commit, files, datums, ...error })
      const url = this.#egressUrl
      if (url !== undefined && state === 'success') {
        emit(tx, { op: 'egress.set', pipeline: ended.pipeline, url, done: files, begun: [] })
      }
      tx.announce({
        type: 'job.finished',
        subject: `${ended.pipeline}@${ended.id}`,
        data: { state, reason: reason ?? null, counters },
      })
      return ended
    })
    const ended = job ?? findJob(store.db, commit.repo, commit.id) ?? this.#job
    tell({ type: 'job.finished', job: ended })
    return ended
  }

  #progress(): void {
    this.#job = { ...this.#job, counters: this.#tally.counters }
    this.#options.tell({ type: 'job.progress', job: this.#job, planned: this.#planned })
  }
}

function isUnfinished(tx: StoreTx, { pipeline, id }: JobInfo): boolean {
  return tx.commits.find({ repo: pipeline, id })?.state === 'open'
}
