import type { BodyPool } from './body-pool.ts'

const firstBytes = 64 * 1024
/** What a server promises is believed up to here; the rest must arrive first. */
const believedBytes = 1024 * 1024

/**
 * Collects a body of known or unknown length. Room for a promised length is taken at once, so that
 * each byte is copied once, out of the socket's buffers, which are free again for the next read.
 */
export class BodyBuffer {
  readonly #pool: BodyPool
  #buffer: Buffer
  #size = 0

  constructor(pool: BodyPool, expected: number | undefined) {
    this.#pool = pool
    this.#buffer = pool.take(Math.min(expected ?? firstBytes, believedBytes))
  }

  get size(): number {
    return this.#size
  }

  push(chunk: Buffer): void {
    const end = this.#size + chunk.length
    if (end > this.#buffer.length) this.#grow(end)
    chunk.copy(this.#buffer, this.#size)
    this.#size = end
  }

  /** All of it, in memory nobody else has a view of; to be called once, at the end. */
  bytes(): Uint8Array {
    if (this.#size * 2 > this.#buffer.length) return this.#buffer.subarray(0, this.#size)
    // A small body would hold a large buffer for as long as it is needed.
    const exact = Buffer.allocUnsafeSlow(this.#size)
    this.#buffer.copy(exact, 0, 0, this.#size)
    this.#pool.give(this.#buffer)
    return exact
  }

  /** The body was broken off. */
  discard(): void {
    this.#pool.give(this.#buffer)
  }

  #grow(needed: number): void {
    const larger = this.#pool.take(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#size)
    this.#pool.give(this.#buffer)
    this.#buffer = larger
  }
}
