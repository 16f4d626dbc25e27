/** Somebody who receives bytes; called when it may go on after `take` told it to wait. */
export interface ByteHolder {
  resume(): void
}

/**
 * A limit for the bytes of all bodies being received. Who exceeds it waits until others are done; the
 * one that began first never waits, so that bodies cannot block each other for ever.
 */
export class ByteBudget {
  readonly #limit: number
  /** Bytes held, in the order in which the holders began. */
  readonly #held = new Map<ByteHolder, number>()
  readonly #waiting = new Set<ByteHolder>()
  #total = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Counts bytes that are there already. False: take no more until `resume` is called. */
  take(holder: ByteHolder, bytes: number): boolean {
    this.#held.set(holder, (this.#held.get(holder) ?? 0) + bytes)
    this.#total += bytes
    if (this.#total <= this.#limit || this.#eldest() === holder) return true
    this.#waiting.add(holder)
    return false
  }

  /** Everything the holder took is free again. To be called exactly when it ends, however it ends. */
  release(holder: ByteHolder): void {
    const bytes = this.#held.get(holder)
    if (bytes === undefined) return
    this.#held.delete(holder)
    this.#waiting.delete(holder)
    this.#total -= bytes
    if (this.#waiting.size > 0) this.#wake()
  }

  #wake(): void {
    const eldest = this.#eldest()
    for (const holder of this.#waiting) {
      if (this.#total > this.#limit && holder !== eldest) continue
      this.#waiting.delete(holder)
      holder.resume()
    }
  }

  #eldest(): ByteHolder | undefined {
    for (const holder of this.#held.keys()) return holder
    return undefined
  }
}
