/** Aim: long enough that sending a task costs nothing, short enough that all workers stay busy. */
const targetMs = 40
const most = 256

/** How many datums to send at once, learnt from how long the last ones took. */
export class BatchSize {
  #msPerDatum: number | undefined

  get next(): number {
    if (this.#msPerDatum === undefined) return 1
    return Math.min(most, Math.max(1, Math.round(targetMs / Math.max(this.#msPerDatum, 0.01))))
  }

  /** `ms` is wall time of a batch, waiting for a worker included: that only makes batches smaller. */
  took(datums: number, ms: number): void {
    const each = ms / datums
    this.#msPerDatum = this.#msPerDatum === undefined ? each : this.#msPerDatum * 0.7 + each * 0.3
  }
}
