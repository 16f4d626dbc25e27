const firstBytes = 64 * 1024
/** What a server promises is believed up to here; the rest must arrive first. */
const believedBytes = 1024 * 1024

/**
 * Collects a body of known or unknown length. A promised length is allocated at once, so that each
 * byte is copied once, out of the socket's buffers, which are free again for the next read.
 */
export class BodyBuffer {
  #buffer: Buffer
  #size = 0

  constructor(expected: number | undefined) {
    const bytes = expected === undefined ? firstBytes : Math.min(expected, believedBytes)
    this.#buffer = Buffer.allocUnsafeSlow(bytes)
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

  /** All of it, in memory of its own. */
  bytes(): Uint8Array {
    if (this.#size === this.#buffer.length) return this.#buffer
    const exact = Buffer.allocUnsafeSlow(this.#size)
    this.#buffer.copy(exact, 0, 0, this.#size)
    return exact
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#size)
    this.#buffer = larger
  }
}
