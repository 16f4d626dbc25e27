import { posix } from 'node:path'
import type { OpenMode } from './file-layer.ts'
import { MemoryFiles } from './memory-files.ts'

/** What happened to a disk, in order. `file` is a number that stays when the name changes. */
export type FileOperation =
  | { readonly kind: 'create'; readonly path: string; readonly file: number }
  | { readonly kind: 'makeDirectory' | 'unlink'; readonly path: string }
  | { readonly kind: 'syncDirectory'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | {
      readonly kind: 'write'
      readonly file: number
      readonly position: number
      readonly bytes: Buffer
    }
  | { readonly kind: 'truncate'; readonly file: number; readonly size: number }
  | { readonly kind: 'fsync'; readonly file: number }
  | { readonly kind: 'mark'; readonly label: string }

/** Files in memory that remember every change, for `crashStates` to replay. */
export class RecordingFiles extends MemoryFiles {
  readonly log: FileOperation[] = []
  readonly #numbers = new WeakMap<object, number>()
  #nextFile = 1

  /** Notes a moment a test wants to find again: "commit 3 was acknowledged". */
  mark(label: string): void {
    this.log.push({ kind: 'mark', label })
  }

  override open(path: string, mode: OpenMode): number {
    const isNew = this.size(path) === undefined
    const fd = super.open(path, mode)
    const { file } = this.handle(fd)
    if (isNew) {
      this.#numbers.set(file, this.#nextFile++)
      this.log.push({ kind: 'create', path, file: this.#number(fd) })
    }
    return fd
  }

  override write(fd: number, bytes: Uint8Array, position: number): void {
    super.write(fd, bytes, position)
    this.log.push({ kind: 'write', file: this.#number(fd), position, bytes: Buffer.from(bytes) })
  }

  override truncate(fd: number, size: number): void {
    super.truncate(fd, size)
    this.log.push({ kind: 'truncate', file: this.#number(fd), size })
  }

  override fsync(fd: number): void {
    super.fsync(fd)
    this.log.push({ kind: 'fsync', file: this.#number(fd) })
  }

  override makeDirectory(path: string): void {
    const isNew = this.readDirectory(path) === undefined
    super.makeDirectory(path)
    if (isNew) this.log.push({ kind: 'makeDirectory', path })
  }

  /** Within one directory only: a crash between two directories is not modelled. */
  override rename(from: string, to: string): void {
    if (posix.dirname(from) !== posix.dirname(to)) throw new Error('rename between directories')
    super.rename(from, to)
    this.log.push({ kind: 'rename', path: from, to })
  }

  override unlink(path: string): void {
    const exists = this.size(path) !== undefined
    super.unlink(path)
    if (exists) this.log.push({ kind: 'unlink', path })
  }

  override syncDirectory(path: string): void {
    super.syncDirectory(path)
    this.log.push({ kind: 'syncDirectory', path })
  }

  /** What a failed fsync may do: the pages count as clean and their bytes are gone. */
  dropUnsynced(fd: number): void {
    const { file } = this.handle(fd)
    const number = this.#number(fd)
    const synced = this.log.findLastIndex((op) => op.kind === 'fsync' && op.file === number)
    file.resize(0)
    for (const op of this.log.slice(0, synced + 1)) {
      if (op.kind === 'write' && op.file === number) file.write(op.bytes, op.position)
      if (op.kind === 'truncate' && op.file === number) file.resize(op.size)
    }
    this.log.push({ kind: 'truncate', file: number, size: 0 })
    this.log.push({ kind: 'write', file: number, position: 0, bytes: Buffer.from(file.content()) })
  }

  #number(fd: number): number {
    return this.#numbers.get(this.handle(fd).file) ?? 0
  }
}
