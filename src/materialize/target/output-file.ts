import { createHash, type Hash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { fileFault } from './file-fault.ts'

/** A new file written from its start to its end. */
export class OutputFile {
  readonly #path: string
  readonly #handle: FileHandle
  readonly #hash: Hash | undefined
  #size = 0

  private constructor(path: string, handle: FileHandle, hash: Hash | undefined) {
    this.#path = path
    this.#handle = handle
    this.#hash = hash
  }

  /** `hash`: also compute this digest of all bytes, by its name in OpenSSL. */
  static async create(path: string, hash?: 'md5'): Promise<OutputFile> {
    try {
      const handle = await open(path, 'wx', 0o644)
      return new OutputFile(path, handle, hash && createHash(hash))
    } catch (error) {
      throw fileFault(error, 'create', path)
    }
  }

  get size(): number {
    return this.#size
  }

  /** Appends all pieces in order. They may be used again when this resolves. */
  async write(pieces: readonly Uint8Array[]): Promise<void> {
    try {
      const wanted = pieces.reduce((sum, piece) => sum + piece.length, 0)
      const writing = this.#handle.writev(pieces)
      if (this.#hash !== undefined) for (const piece of pieces) this.#hash.update(piece)
      const { bytesWritten } = await writing
      if (bytesWritten < wanted) await this.#writeRest(Buffer.concat(pieces), bytesWritten)
      this.#size += wanted
    } catch (error) {
      throw fileFault(error, 'write', this.#path)
    }
  }

  /** Makes content and size durable and closes; answers the digest asked for. */
  async finish(): Promise<string> {
    try {
      await this.#handle.sync()
      await this.#handle.close()
      return this.#hash?.digest('hex') ?? ''
    } catch (error) {
      throw fileFault(error, 'fsync', this.#path)
    }
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
