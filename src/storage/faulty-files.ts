import { fileError } from '../model/index.ts'
import type { DirectoryEntry, FileLayer, OpenMode } from './file-layer.ts'
import { RecordingFiles } from './recording-files.ts'

export interface Fault {
  /** Which operation fails, from 1; every later one works again. */
  readonly operation: number
  readonly code: 'EIO' | 'ENOSPC'
}

/** Files in memory of which one chosen operation fails the way a disk fails. */
export class FaultyFiles implements FileLayer {
  readonly base: RecordingFiles
  readonly #fault: Fault
  #count = 0

  constructor(fault: Fault, base: RecordingFiles = new RecordingFiles()) {
    this.base = base
    this.#fault = fault
  }

  /** Whether the chosen operation has been reached: a test loops until it is not. */
  get hasFailed(): boolean {
    return this.#count >= this.#fault.operation
  }

  open(path: string, mode: OpenMode): number {
    this.#step('open', path, mode === 'create')
    return this.base.open(path, mode)
  }

  close(fd: number): void {
    this.base.close(fd)
  }

  read(fd: number, target: Uint8Array, position: number): number {
    this.#step('read', this.base.handle(fd).path, false)
    return this.base.read(fd, target, position)
  }

  /** The first half is on the disk when a write fails. */
  write(fd: number, bytes: Uint8Array, position: number): void {
    this.#step('write', this.base.handle(fd).path, true, () =>
      this.base.write(fd, bytes.subarray(0, bytes.length >> 1), position),
    )
    this.base.write(fd, bytes, position)
  }

  truncate(fd: number, size: number): void {
    this.#step('truncate', this.base.handle(fd).path, false)
    this.base.truncate(fd, size)
  }

  fsync(fd: number): void {
    this.#step('fsync', this.base.handle(fd).path, true, () => this.base.dropUnsynced(fd))
    this.base.fsync(fd)
  }

  size(path: string): number | undefined {
    return this.base.size(path)
  }

  makeDirectory(path: string): void {
    this.#step('create the directory', path, true)
    this.base.makeDirectory(path)
  }

  readDirectory(path: string): readonly DirectoryEntry[] | undefined {
    return this.base.readDirectory(path)
  }

  rename(from: string, to: string): void {
    this.#step('rename', from, true)
    this.base.rename(from, to)
  }

  unlink(path: string): void {
    this.#step('remove', path, false)
    this.base.unlink(path)
  }

  syncDirectory(path: string): void {
    this.#step('fsync', path, true)
    this.base.syncDirectory(path)
  }

  /** A full disk refuses only what needs space. */
  #step(operation: string, path: string, needsSpace: boolean, damage?: () => void): void {
    const { code } = this.#fault
    if (code === 'ENOSPC' && !needsSpace) return
    this.#count++
    if (this.#count !== this.#fault.operation) return
    damage?.()
    throw fileError(Object.assign(new Error(code), { code }), operation, path)
  }
}
