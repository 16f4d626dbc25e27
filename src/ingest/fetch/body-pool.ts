/** Sizes of buffers: from the first to the last in steps of a quarter of a power of two. */
const smallest = 64 * 1024
const largest = 1024 * 1024

/**
 * Memory of bodies that are done with, for those to come. Fresh memory is what garbage collection
 * goes by: thousands of bodies a second make it look through the whole heap every few hundred.
 */
export class BodyPool {
  readonly #limit: number
  readonly #free = new Map<number, Buffer[]>()
  readonly #lent = new WeakSet<ArrayBufferLike>()
  #freeBytes = 0

  /** Keeps at most so many bytes that nobody uses. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** A buffer of at least this size, with anything in it. */
  take(bytes: number): Buffer {
    const size = sizeFor(bytes)
    const known = this.#free.get(size)?.pop()
    if (known !== undefined) this.#freeBytes -= size
    const buffer = known ?? Buffer.allocUnsafeSlow(size)
    if (size <= largest) this.#lent.add(buffer.buffer)
    return buffer
  }

  /** Takes back what was lent; anything else, and what came back before, is left alone. */
  give(bytes: Uint8Array): void {
    const { buffer } = bytes
    if (!this.#lent.delete(buffer) || this.#freeBytes + buffer.byteLength > this.#limit) return
    const size = buffer.byteLength
    const free = this.#free.get(size) ?? []
    free.push(Buffer.from(buffer))
    this.#free.set(size, free)
    this.#freeBytes += size
  }
}

/** At most a quarter more than asked, beyond the smallest. */
function sizeFor(bytes: number): number {
  if (bytes > largest) return bytes
  let power = smallest
  while (power * 2 < bytes) power *= 2
  const step = power / 4
  return Math.max(smallest, Math.ceil(bytes / step) * step)
}
