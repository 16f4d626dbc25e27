import { VarveError } from '../model/index.ts'
import { dueTurn } from './event-loop.ts'
import type { FileLayer } from './file-layer.ts'
import type { Appender } from './object-store.ts'

interface OpenFile {
  readonly fd: number
  readonly path: string
  readonly size: number
}

/** The end of one file. Bytes go to their position, so an append that failed can be made again. */
export class FileAppender implements Appender {
  readonly #files: FileLayer
  readonly #fd: number
  readonly #path: string
  #size: number
  #state: 'open' | 'poisoned' | 'closed' = 'open'

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
  }

  async sync(): Promise<void> {
    this.#check()
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
    this.#files.close(this.#fd)
  }

  #check(): void {
    if (this.#state === 'open') return
    const why = this.#state === 'closed' ? 'it is closed' : 'an earlier fsync failed'
    throw new VarveError('IO_FAILED', {
      what: `${this.#path} takes no more writes: ${why}.`,
      next: 'Open the store again: it checks what reached the disk.',
      data: { path: this.#path },
    })
  }
}
