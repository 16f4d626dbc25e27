import { dirname, join, posix } from 'node:path'
import { VarveError } from '../model/index.ts'
import { dueTurn } from './event-loop.ts'
import type { FileLayer } from './file-layer.ts'
import { FileAppender } from './file-appender.ts'
import { NodeFiles } from './node-files.ts'
import type { Appender, Memory, ObjectEntry, ObjectRange, ObjectStore } from './object-store.ts'
import { readRanges } from './range-reads.ts'
import { ReadHandles } from './read-handles.ts'

const chunkBytes = 1 << 20

const ownMemory: Memory = (bytes) => Buffer.allocUnsafeSlow(bytes)

/** Objects as files below one directory, which is made when absent; its parent must exist. */
export class DiskObjects implements ObjectStore {
  readonly #root: string
  /** The root with a slash at its end. */
  readonly #prefix: string
  readonly #files: FileLayer
  readonly #handles: ReadHandles

  constructor(root: string, files: FileLayer = new NodeFiles()) {
    this.#root = root
    this.#prefix = join(root, '/')
    this.#files = files
    this.#handles = new ReadHandles(files)
  }

  async openAppender(key: string): Promise<Appender> {
    const parents = this.#makeParents(key)
    const path = this.#path(key)
    const fd = this.#files.open(path, 'create')
    try {
      const size = this.#files.size(path) ?? 0
      // An empty file may be left from an attempt that failed before its name was durable.
      if (size === 0) for (const parent of parents) this.#files.syncDirectory(parent)
      return new FileAppender(this.#files, { fd, path, size })
    } catch (error) {
      this.#files.close(fd)
      throw error
    }
  }

  async read(key: string, offset: number, length: number): Promise<Uint8Array> {
    await dueTurn()
    const bytes = Buffer.allocUnsafeSlow(length)
    this.#readInto(key, bytes, offset)
    return bytes
  }

  async readInto(key: string, target: Uint8Array, offset: number): Promise<void> {
    await dueTurn()
    this.#readInto(key, target, offset)
  }

  async readMany(
    ranges: readonly ObjectRange[],
    memory: Memory = ownMemory,
  ): Promise<readonly Uint8Array[]> {
    await dueTurn()
    return readRanges(ranges, (key, offset, length) => {
      const bytes = memory(length)
      this.#readInto(key, bytes, offset)
      return bytes
    })
  }

  async *stream(key: string, start = 0, end?: number): AsyncIterable<Uint8Array> {
    const last = end ?? this.#files.size(this.#path(key))
    if (last === undefined) throw this.#short(key, start, 0)
    for (let offset = start; offset < last; offset += chunkBytes) {
      yield await this.read(key, offset, Math.min(chunkBytes, last - offset))
    }
  }

  async size(key: string): Promise<number | undefined> {
    return this.#files.size(this.#path(key))
  }

  async list(prefix: string): Promise<readonly ObjectEntry[]> {
    await dueTurn()
    const start = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    const found = this.#walk(start).filter((key) => key.startsWith(prefix))
    const entries = found.map((key) => ({ key, size: this.#files.size(this.#path(key)) ?? 0 }))
    return entries.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  }

  async delete(key: string): Promise<void> {
    const path = this.#path(key)
    this.#handles.forget(path)
    if (this.#files.size(path) === undefined) return
    this.#files.unlink(path)
    this.#files.syncDirectory(this.#path(posix.dirname(key)))
  }

  async close(): Promise<void> {
    this.#handles.close()
  }

  /** Every file below a directory given as "" or "a/b/", in no order. */
  #walk(directory: string): string[] {
    const entries = this.#files.readDirectory(this.#path(directory)) ?? []
    return entries.flatMap((entry) =>
      entry.isDirectory ? this.#walk(`${directory}${entry.name}/`) : [directory + entry.name],
    )
  }

  /** Answers every directory whose entries lead to the key, the one above the root first. */
  #makeParents(key: string): string[] {
    const parts = posix.dirname(key) === '.' ? [] : posix.dirname(key).split('/')
    const parents = [dirname(this.#root)]
    let path = this.#root
    for (const part of ['', ...parts]) {
      path = join(path, part)
      if (this.#files.readDirectory(path) === undefined) this.#files.makeDirectory(path)
      parents.push(path)
    }
    return parents
  }

  #readInto(key: string, target: Uint8Array, offset: number): void {
    const path = this.#path(key)
    const count = this.#files.read(this.#handles.get(path), target, offset)
    if (count < target.length) throw this.#short(key, offset, count)
  }

  #short(key: string, offset: number, count: number): VarveError {
    return new VarveError('IO_FAILED', {
      what: `${this.#path(key)} ends ${count} bytes after offset ${offset}, sooner than expected.`,
      data: { key, offset, isShort: true },
    })
  }

  /** Put together by hand: every read asks for it, and `join` would be a good part of its cost. */
  #path(key: string): string {
    if (key === '' || key === '.') return this.#root
    return this.#prefix + (key.endsWith('/') ? key.slice(0, -1) : key)
  }
}
