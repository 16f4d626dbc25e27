import { posix } from 'node:path'
import { fileError } from '../model/index.ts'
import type { DirectoryEntry, FileLayer, OpenMode } from './file-layer.ts'

/** A file without its name, as the system has it: names can move and vanish while it is open. */
export class MemoryFile {
  #bytes = Buffer.alloc(0)
  #size = 0

  get size(): number {
    return this.#size
  }

  content(): Buffer {
    return this.#bytes.subarray(0, this.#size)
  }

  write(bytes: Uint8Array, position: number): void {
    this.resize(Math.max(this.#size, position + bytes.length))
    this.#bytes.set(bytes, position)
  }

  /** Grows with zeros, as a hole reads; what was cut does not come back when it grows again. */
  resize(size: number): void {
    if (size > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(size, this.#bytes.length * 2, 4096))
      this.content().copy(grown)
      this.#bytes = grown
    }
    if (size < this.#size) this.#bytes.fill(0, size, this.#size)
    this.#size = size
  }
}

function refuse(code: string, operation: string, path: string): never {
  throw fileError(Object.assign(new Error(code), { code }), operation, path)
}

/** A file system in memory: for tests, and for a store that need not outlive its process. */
export class MemoryFiles implements FileLayer {
  readonly files = new Map<string, MemoryFile>()
  readonly directories = new Set<string>(['/'])
  readonly #open = new Map<number, { path: string; file: MemoryFile }>()
  #nextFd = 3

  open(path: string, mode: OpenMode): number {
    let file = this.files.get(path)
    if (file === undefined) {
      if (mode !== 'create') refuse('ENOENT', 'open', path)
      if (!this.directories.has(posix.dirname(path))) refuse('ENOENT', 'open', path)
      file = new MemoryFile()
      this.files.set(path, file)
    }
    const fd = this.#nextFd++
    this.#open.set(fd, { path, file })
    return fd
  }

  close(fd: number): void {
    this.#open.delete(fd)
  }

  read(fd: number, target: Uint8Array, position: number): number {
    const { file } = this.handle(fd)
    const bytes = file.content().subarray(position, position + target.length)
    target.set(bytes)
    return bytes.length
  }

  write(fd: number, bytes: Uint8Array, position: number): void {
    this.handle(fd).file.write(bytes, position)
  }

  truncate(fd: number, size: number): void {
    this.handle(fd).file.resize(size)
  }

  fsync(fd: number): void {
    this.handle(fd)
  }

  size(path: string): number | undefined {
    return this.files.get(path)?.size
  }

  makeDirectory(path: string): void {
    if (!this.directories.has(posix.dirname(path))) refuse('ENOENT', 'create the directory', path)
    this.directories.add(path)
  }

  readDirectory(path: string): readonly DirectoryEntry[] | undefined {
    if (!this.directories.has(path)) return undefined
    const inside = (child: string) => child !== path && posix.dirname(child) === path
    const named = (isDirectory: boolean) => (child: string) => ({
      name: posix.basename(child),
      isDirectory,
    })
    return [
      ...[...this.directories].filter(inside).map(named(true)),
      ...[...this.files.keys()].filter(inside).map(named(false)),
    ]
  }

  rename(from: string, to: string): void {
    const file = this.files.get(from)
    if (file === undefined) refuse('ENOENT', 'rename', from)
    this.files.delete(from)
    this.files.set(to, file)
  }

  unlink(path: string): void {
    this.files.delete(path)
  }

  syncDirectory(path: string): void {
    if (!this.directories.has(path)) refuse('ENOENT', 'fsync', path)
  }

  /** The path a descriptor was opened by, and the file behind it. */
  handle(fd: number): { readonly path: string; readonly file: MemoryFile } {
    return this.#open.get(fd) ?? refuse('EBADF', 'use', `file ${fd}`)
  }
}
