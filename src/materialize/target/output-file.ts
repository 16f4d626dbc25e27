import { createHash, type Hash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { stopIfAsked } from '../stop-if-asked.ts'
import { fileFault } from './file-fault.ts'

export interface OutputOptions {
  /** Compute the MD5 of all bytes on the way. */
  readonly md5?: boolean
  /** Writing throws `INTERRUPTED` once it is aborted. */
  readonly signal: AbortSignal | undefined
}

/** So much is brought to disk while more is written: the end would have to wait for all of it. */
const flushedTogether = 32 * 1024 * 1024

/** A new file written from its start to its end. */
export class OutputFile {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #hash: Hash | undefined
  readonly #signal: AbortSignal | undefined
  #unflushed = 0
  #flushing: Promise<void> | undefined

  private constructor(path: string, handle: FileHandle, options: OutputOptions) {
    this.#path = path
    this.#handle = handle
    this.#hash = options.md5 === true ? createHash('md5') : undefined
    this.#signal = options.signal
  }

  static async create(path: string, options: OutputOptions): Promise<OutputFile> {
    try {
      return new OutputFile(path, await open(path, 'wx', 0o644), options)
    } catch (error) {
      throw fileFault(error, 'create', path)
    }
  }

  /** Appends all pieces in order. They may be used again when this resolves. */
  async write(pieces: readonly Uint8Array[]): Promise<void> {
    stopIfAsked(this.#signal)
    try {
      const wanted = pieces.reduce((sum, piece) => sum + piece.length, 0)
      const writing = this.#handle.writev(pieces)
      if (this.#hash !== undefined) for (const piece of pieces) this.#hash.update(piece)
      const { bytesWritten } = await writing
      if (bytesWritten < wanted) await this.#writeRest(Buffer.concat(pieces), bytesWritten)
      this.#unflushed += wanted
      if (this.#unflushed >= flushedTogether) await this.#flush()
    } catch (error) {
      throw fileFault(error, 'write', this.#path)
    }
  }

  /** Makes content and size durable and closes; answers the digest asked for. */
  async finish(): Promise<string> {
    try {
      await this.#flushing
      await this.#handle.sync()
      await this.#handle.close()
      return this.#hash?.digest('hex') ?? ''
    } catch (error) {
      throw fileFault(error, 'fsync', this.#path)
    }
  }

  /** One at a time: who writes faster than the disk waits for it here. */
  async #flush(): Promise<void> {
    await this.#flushing
    this.#unflushed = 0
    this.#flushing = this.#handle.datasync()
    // A failure is met at the next await; until then it is nobody's unhandled rejection.
    this.#flushing.catch(() => undefined)
  }

  /** Closes what is not going to be used. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
  }

  /** The system may take only part of a large write; asking again tells why, if there is a reason. */
  async #writeRest(bytes: Buffer, from: number): Promise<void> {
    for (let done = from; done < bytes.length;) {
      done += (await this.#handle.write(bytes, done, bytes.length - done)).bytesWritten
    }
  }
}
