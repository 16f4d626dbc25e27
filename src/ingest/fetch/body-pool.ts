/** Sizes of buffers: from the first to the last in steps of a quarter of a power of two. */
const smallest = 64 * 1024
const largest = 1024 * 1024

/**
 * Memory of bodies that are done with, for those to come. Fresh memory is what garbage collection
 * goes by: thousands of bodies a second make it look through the whole heap every few hundred.
 *
 * It is shared memory, so that threads hash and decode a body without a copy. V8 takes no account of
 * such memory: none of it is ever given up, and there is a limit to it.
 */
export class BodyPool {
  readonly #limit: number
  readonly #free = new Map<number, Buffer[]>()
  readonly #lent = new WeakSet<ArrayBufferLike>()
  #made = 0

  /** Makes at most so many bytes in all; beyond, buffers are memory of their own, as large ones are. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** A buffer of at least this size, with anything in it. */
  take(bytes: number): Buffer {
    if (bytes > largest) return Buffer.allocUnsafeSlow(bytes)
    const size = sizeFor(bytes)
    const known = this.#free.get(size)?.pop()
    if (known !== undefined) return this.#lend(known)
    if (this.#made + size <= this.#limit) {
      this.#made += size
      return this.#lend(Buffer.from(new SharedArrayBuffer(size)))
    }
    return this.#takeLarger(size) ?? Buffer.allocUnsafeSlow(size)
  }

  /** Takes back what was lent; anything else, and what came back before, is left alone. */
  give({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer)) return
    const free = this.#free.get(buffer.byteLength)
    if (free === undefined) this.#free.set(buffer.byteLength, [Buffer.from(buffer)])
    else free.push(Buffer.from(buffer))
  }

  #takeLarger(size: number): Buffer | undefined {
    for (const [each, free] of this.#free) {
      const known = each > size ? free.pop() : undefined
      if (known !== undefined) return this.#lend(known)
    }
    return undefined
  }

  #lend(buffer: Buffer): Buffer {
    this.#lent.add(buffer.buffer)
    return buffer
  }
}

/** At most a quarter more than asked, beyond the smallest. */
function sizeFor(bytes: number): number {
  let power = smallest
  while (power * 2 < bytes) power *= 2
  const step = power / 4
  return Math.max(smallest, Math.ceil(bytes / step) * step)
}
