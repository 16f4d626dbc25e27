import { Socket } from 'node:net'

/** What the sockets of this thread read into, one read after another. */
const shared = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * A TCP socket for a reader that is done with a chunk before it asks for the next. What arrives is
 * told at once ('readable'), `read` answers a view of memory that the next read of any such socket
 * writes over, and only what nobody took then is copied and kept, as other sockets keep everything.
 * Memory of its own for each read is what garbage collection would go by, thousands of times a second.
 */
export class SharedReadSocket extends Socket {
  #arrived: Buffer | undefined

  constructor() {
    super({
      onread: {
        buffer: shared,
        callback: (size) => this.#offer(shared.subarray(0, size)),
      },
    })
  }

  override read(size?: number): Buffer | null {
    const chunk = this.#arrived
    if (chunk === undefined) return super.read(size) as Buffer | null
    this.#arrived = undefined
    return chunk
  }

  /** What comes back may be a part of the shared memory. */
  override unshift(chunk: Uint8Array): void {
    super.unshift(Buffer.from(chunk))
  }

  /** @returns false when no more shall be read for now. */
  #offer(chunk: Buffer): boolean {
    // What was kept before comes first.
    if (this.readableLength > 0) return this.push(Buffer.from(chunk))
    this.#arrived = chunk
    this.emit('readable')
    if (this.#arrived === undefined) return true
    this.#arrived = undefined
    return this.push(Buffer.from(chunk))
  }
}
