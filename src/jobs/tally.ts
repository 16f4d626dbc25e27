import type { Digest } from '../model/index.ts'
import type { DatumEnd } from './datum-run/datum-runner.ts'
import type { DatumRecord } from './datum-record.ts'
import type { JobCounters } from './types.ts'

/** Counts the datums of a running job. What is neither done nor to be done was skipped. */
export class Tally {
  #total: number
  /** Datums known to have to run. */
  #toRun = 0
  #processed = 0
  #cached = 0
  #recovered = 0
  #failed = 0
  #kept = 0
  #firstFailure: { readonly id: Digest; readonly message: string } | undefined

  constructor(baseTotal: number) {
    this.#total = baseTotal
    this.#kept = baseTotal
  }

  get firstFailure(): { readonly id: Digest; readonly message: string } | undefined {
    return this.#firstFailure
  }

  get counters(): JobCounters {
    return {
      processed: this.#processed,
      skipped: this.#kept,
      cached: this.#cached,
      recovered: this.#recovered,
      failed: this.#failed,
      total: this.#total,
    }
  }

  /** `fresh`: datums the base has not. `rerun`: those it has and cannot keep. `gone`: no more. */
  planned(part: {
    readonly fresh: number
    readonly rerun: number
    readonly gone: number
    readonly keep: number
  }): void {
    this.#total += part.fresh + part.keep - part.gone
    this.#kept += part.keep - part.gone - part.rerun
    this.#toRun += part.fresh + part.rerun
  }

  get left(): number {
    return this.#toRun - this.#processed - this.#recovered - this.#failed
  }

  ended(id: Digest, { state, message }: Pick<DatumEnd, 'state' | 'message'>): void {
    if (state === 'success') this.#processed++
    else if (state === 'recovered') this.#recovered++
    else {
      this.#failed++
      this.#firstFailure ??= { id, message: message ?? '' }
    }
  }

  /** A result this job had already before it was cut short. */
  resumed(id: Digest, record: DatumRecord): void {
    if (record.cached === true) this.#cached++
    this.ended(id, {
      state: record.state,
      ...(record.message === undefined ? {} : { message: record.message }),
    })
  }

  cached(count: number): void {
    this.#processed += count
    this.#cached += count
  }
}
