import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stopIfAsked } from '../stop-if-asked.ts'
import { fileFault } from './file-fault.ts'
import { OutputFile } from './output-file.ts'

/** Files of one part while they are made, in a folder of their own. */
export class PartWriter {
  readonly #folder: string
  readonly #signal: AbortSignal | undefined
  readonly #folders = new Set<string>()
  readonly #open = new Map<OutputFile, boolean>()

  constructor(folder: string, signal: AbortSignal | undefined) {
    this.#folder = folder
    this.#signal = signal
  }

  /** A file to be written piece by piece; finished with the part. `md5`: record its digest. */
  async open(name: string, md5 = false): Promise<OutputFile> {
    const path = this.#path(name)
    const file = await OutputFile.create(path, { md5, signal: this.#signal })
    this.#open.set(file, md5)
    return file
  }

  /** A large file in chunks, finished with the last: a folder may hold more than may be open at once. */
  async stream(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const file = await this.open(name)
    for await (const chunk of chunks) await file.write([chunk])
    await file.finish()
    this.#open.delete(file)
  }

  /** A small file at once. Not made durable by itself: it is for files of a folder, which are many. */
  put(name: string, bytes: Uint8Array): void {
    stopIfAsked(this.#signal)
    const path = this.#path(name)
    try {
      const descriptor = openSync(path, 'wx', 0o644)
      try {
        for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done)
      } finally {
        closeSync(descriptor)
      }
    } catch (error) {
      throw fileFault(error, 'write', path)
    }
  }

  /** Makes all open files durable; answers the digest of the one that was to have one. */
  async finish(): Promise<string | undefined> {
    let md5: string | undefined
    for (const [file, digested] of this.#open) {
      const digest = await file.finish()
      if (digested) md5 = digest
      this.#open.delete(file)
    }
    return md5
  }

  async abandon(): Promise<void> {
    for (const file of this.#open.keys()) await file.abandon()
  }

  #path(name: string): string {
    const path = join(this.#folder, name)
    const folder = dirname(path)
    if (!this.#folders.has(folder)) {
      mkdirSync(folder, { recursive: true })
      this.#folders.add(folder)
    }
    return path
  }
}
