import { VarveError } from '../model/index.ts'
import { dueTurn } from './event-loop.ts'
import type { FileLayer } from './file-layer.ts'
import type { Appender } from './object-store.ts'

interface OpenFile {
  readonly fd: number
  readonly path: string
  readonly size: number
}

/** So much is brought to disk while more is written; a sync of less than the other waits by itself. */
const flushedTogether = 16 * 1024 * 1024
const worthFlushing = 1024 * 1024

/** The end of one file. Bytes go to their position, so an append that failed can be made again. */
export class FileAppender implements Appender {
  readonly #files: FileLayer
  readonly #fd: number
  readonly #path: string
  #size: number
  #state: 'open' | 'poisoned' | 'closed' = 'open'
  #unflushed = 0
  #flushing: Promise<void> | undefined
  /** Of a flush, and not told yet. */
  #fault: Error | undefined

  constructor(files: FileLayer, file: OpenFile) {
    this.#files = files
    this.#fd = file.fd
    this.#path = file.path
    this.#size = file.size
  }

  get size(): number {
    return this.#size
  }

  async append(bytes: Uint8Array): Promise<void> {
    await dueTurn()
    this.#check()
    this.#files.write(this.#fd, bytes, this.#size)
    this.#size += bytes.length
    this.#unflushed += bytes.length
    if (this.#unflushed >= flushedTogether) this.#flush()
  }

  async sync(): Promise<void> {
    this.#check()
    while (this.#flushing !== undefined || this.#flush(worthFlushing)) {
      await this.#flushing
      this.#check()
    }
    try {
      this.#files.fsync(this.#fd)
    } catch (error) {
      this.#state = 'poisoned'
      throw error
    }
  }

  async truncate(size: number): Promise<void> {
    this.#check()
    this.#files.truncate(this.#fd, size)
    this.#size = size
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    // Until then the number of the file must not be another's.
    await this.#flushing
    this.#files.close(this.#fd)
  }

  /** Answers whether something is on its way to disk now; `least` bytes are worth it. */
  #flush(least = flushedTogether): boolean {
    if (this.#flushing !== undefined) return true
    if (this.#unflushed < least || this.#files.flush === undefined) return false
    this.#unflushed = 0
    this.#flushing = this.#files
      .flush(this.#fd)
      .catch((error: Error) => {
        if (this.#state !== 'open') return
        this.#state = 'poisoned'
        this.#fault = error
      })
      .finally(() => {
        this.#flushing = undefined
      })
    return true
  }

  #check(): void {
    if (this.#state === 'open') return
    const fault = this.#fault
    this.#fault = undefined
    if (fault !== undefined) throw fault
    const why = this.#state === 'closed' ? 'it is closed' : 'an earlier fsync failed'
    throw new VarveError('IO_FAILED', {
      what: `${this.#path} takes no more writes: ${why}.`,
      next: 'Open the store again: it checks what reached the disk.',
      data: { path: this.#path },
    })
  }
}
