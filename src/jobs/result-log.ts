import type { Digest } from '../model/index.ts'
import type { Store } from '../repos/index.ts'
import { inSizedBatches } from '../util/index.ts'
import type { EndedDatum } from './datum-run/datum-runner.ts'
import { emit, type DatumsDoneOp, type DoneDatum } from './ops.ts'
import { packRecords, type FullRecord } from './record-lists.ts'
import type { CacheHit } from './cached-results.ts'
import type { DatumRecord } from './datum-record.ts'
import type { JobSetup } from './job-base.ts'
import type { StoredResult } from './job-catalog.ts'
import type { CodeRecord, JobInfo } from './types.ts'

/** Finished datums wait at most so long for company before they are made durable together. */
const longestWaitMs = 200
const mostWaiting = 2048
/** Datums and outputs of one record, which is one JSON text: such a text has an upper limit. */
const recordLimits = { length: 4096, size: 20_000 }
/** Results of smaller jobs are not read back from the catalog when the job ends. */
const mostRemembered = 50_000

interface Finished {
  readonly id: Digest
  readonly record: FullRecord
  readonly key: Digest | undefined
  readonly hit?: Digest
  /** How many outputs it has. */
  readonly size: number
}

/** Whose results are logged, and the code they come from. */
interface LoggedJob {
  readonly job: Pick<JobInfo, 'pipeline' | 'id'>
  readonly code: Pick<CodeRecord, 'fingerprint'>
}

/**
 * Makes the results of a running job durable, many with one record: a killed run loses at most the
 * last fifth of a second, and no datum costs an fsync of its own.
 */
export class ResultLog {
  readonly #store: Store
  readonly #setup: LoggedJob
  #pending: Finished[] = []
  #written: readonly StoredResult[] | undefined = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined

  constructor(store: Store, setup: LoggedJob) {
    this.#store = store
    this.#setup = setup
  }

  add(ended: readonly (EndedDatum & { readonly log?: Digest })[]): void {
    for (const each of ended) this.#pending.push(this.#finished(each))
    this.#flushIfDue()
  }

  /** Results the cache had: as good as run. */
  addCached(hits: readonly CacheHit[]): void {
    if (hits.length === 0) return
    const { job, code } = this.#setup
    for (const { run, record } of hits) {
      const { datum, why } = run
      const cached = { ...record, content: datum.content, fingerprint: code.fingerprint }
      this.#pending.push({
        id: datum.id,
        key: undefined,
        hit: run.key,
        size: record.outputs.length,
        record: { ...cached, inputs: datum.inputs, job: job.id, why, cached: true },
      })
    }
    this.#flushIfDue()
  }

  /** Writes what waits and resolves when everything added so far is durable. */
  async flush(): Promise<void> {
    await this.#write(this.#takeBatches())
  }

  /**
   * What waits, for whoever writes it with the end of the job; nothing waits after. What is too much
   * for that record is written before.
   */
  async take(): Promise<DatumsDoneOp> {
    const batches = this.#takeBatches()
    const last = batches.pop() ?? []
    await this.#write(batches)
    return this.#opOf(last)
  }

  #flushIfDue(): void {
    if (this.#pending.length >= mostWaiting) this.#startWriting(this.#takeBatches())
    else this.#timer ??= setTimeout(() => this.#startWriting(this.#takeBatches()), longestWaitMs)
  }

  /** What waits, as it fits into records. */
  #takeBatches(): (readonly Finished[])[] {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const batches = [...inSizedBatches(this.#pending, recordLimits)]
    this.#pending = []
    return batches
  }

  #startWriting(batches: readonly (readonly Finished[])[]): void {
    for (const batch of batches) this.#writing = this.#writeAfter(this.#writing, batch)
  }

  async #write(batches: readonly (readonly Finished[])[]): Promise<void> {
    this.#startWriting(batches)
    await this.#writing
    if (this.#failure !== undefined) throw this.#failure.error
  }

  async #writeAfter(earlier: Promise<void>, batch: readonly Finished[]): Promise<void> {
    await earlier
    try {
      const op = await this.#opOf(batch)
      await this.#store.transact((tx) => emit(tx, op))
      this.#remember(op.datums)
    } catch (error) {
      this.#failure ??= { error }
    }
  }

  /** What is durable by this log, while it is few; undefined: read it from the catalog. */
  get written(): readonly StoredResult[] | undefined {
    return this.#written
  }

  #remember(datums: readonly DoneDatum[]): void {
    const fits = (this.#written?.length ?? 0) + datums.length <= mostRemembered
    // Without the lists of outputs, which the store holds as items.
    const results = fits ? datums.map(({ id, record }) => ({ id, record })) : []
    this.#written = fits ? this.#written?.concat(results) : undefined
  }

  async #opOf(batch: readonly Finished[]): Promise<DatumsDoneOp> {
    const { job } = this.#setup
    const records: DatumRecord[] = await packRecords(
      this.#store.content,
      job.pipeline,
      batch.map(({ record }) => record),
    )
    const datums = batch.flatMap(({ id, key, hit, record: full }, place): DoneDatum[] => {
      const record = records[place]
      if (record === undefined) return []
      return [
        {
          id,
          record,
          ...('item' in record.outputs ? { outputs: full.outputs } : {}),
          ...(key === undefined ? {} : { key }),
          ...(hit === undefined ? {} : { hit }),
        },
      ]
    })
    return { op: 'datums.done', pipeline: job.pipeline, job: job.id, datums }
  }

  #finished({ datum, why, key, end, log }: EndedDatum & { readonly log?: Digest }): Finished {
    const { job, code } = this.#setup
    const { state, outputs, tries, startedAt, wallMs, message } = end
    const record: FullRecord = {
      v: 1,
      state,
      content: datum.content,
      fingerprint: code.fingerprint,
      inputs: datum.inputs,
      outputs,
      job: job.id,
      why,
      tries,
      startedAt,
      wallMs,
      ...(message === undefined ? {} : { message }),
      ...(log === undefined ? {} : { log }),
    }
    const size = outputs.length
    return { id: datum.id, record, key: state === 'success' ? key : undefined, size }
  }
}

/** `every_job` and `cache: false` say that equal inputs may give other results. */
export function usesCache({ pipeline: { spec } }: JobSetup): boolean {
  return spec.cache && spec.reprocessSpec !== 'every_job'
}
