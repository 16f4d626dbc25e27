import * as fs from 'node:fs'
import { fileError } from '../model/index.ts'
import { systemCode } from '../util/index.ts'
import type { FileLayer } from './file-layer.ts'

const flags = {
  read: 'r',
  write: 'r+',
  create: fs.constants.O_RDWR | fs.constants.O_CREAT,
} as const

function attempt<T>(operation: string, path: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw fileError(error, operation, path)
  }
}

/** Answers `otherwise` when the system says one of `codes`; other errors pass. */
function unless<T>(codes: readonly string[], otherwise: T, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (codes.includes(systemCode(error) ?? '')) return otherwise
    throw error
  }
}

/** The real file system. One instance per store: it remembers paths so that errors can name them. */
export class NodeFiles implements FileLayer {
  readonly #paths = new Map<number, string>()

  open(path: string, mode: 'read' | 'write' | 'create'): number {
    const fd = attempt('open', path, () => fs.openSync(path, flags[mode], 0o644))
    this.#paths.set(fd, path)
    return fd
  }

  close(fd: number): void {
    attempt('close', this.#path(fd), () => fs.closeSync(fd))
    this.#paths.delete(fd)
  }

  read(fd: number, target: Uint8Array, position: number): number {
    return attempt('read', this.#path(fd), () => {
      let done = 0
      while (done < target.length) {
        const count = fs.readSync(fd, target, done, target.length - done, position + done)
        if (count === 0) break
        done += count
      }
      return done
    })
  }

  write(fd: number, bytes: Uint8Array, position: number): void {
    attempt('write', this.#path(fd), () => {
      for (let done = 0; done < bytes.length;) {
        done += fs.writeSync(fd, bytes, done, bytes.length - done, position + done)
      }
    })
  }

  truncate(fd: number, size: number): void {
    attempt('truncate', this.#path(fd), () => fs.ftruncateSync(fd, size))
  }

  fsync(fd: number): void {
    attempt('fsync', this.#path(fd), () => fs.fsyncSync(fd))
  }

  async flush(fd: number): Promise<void> {
    const path = this.#path(fd)
    await new Promise<void>((done, failed) => {
      fs.fdatasync(fd, (error) => {
        if (error === null) done()
        else failed(fileError(error, 'fsync', path))
      })
    })
  }

  size(path: string): number | undefined {
    return attempt('stat', path, () => {
      const stat = fs.statSync(path, { throwIfNoEntry: false })
      return stat?.isFile() === true ? stat.size : undefined
    })
  }

  makeDirectory(path: string): void {
    attempt('create the directory', path, () =>
      unless(['EEXIST'], undefined, () => fs.mkdirSync(path)),
    )
  }

  readDirectory(path: string): { name: string; isDirectory: boolean }[] | undefined {
    return attempt('list', path, () =>
      unless(['ENOENT'], undefined, () =>
        fs
          .readdirSync(path, { withFileTypes: true })
          .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() })),
      ),
    )
  }

  rename(from: string, to: string): void {
    attempt('rename', from, () => fs.renameSync(from, to))
  }

  unlink(path: string): void {
    attempt('remove', path, () => unless(['ENOENT'], undefined, () => fs.unlinkSync(path)))
  }

  syncDirectory(path: string): void {
    attempt('fsync', path, () => {
      const fd = fs.openSync(path, 'r')
      try {
        fs.fsyncSync(fd)
      } finally {
        fs.closeSync(fd)
      }
    })
  }

  #path(fd: number): string {
    return this.#paths.get(fd) ?? `file ${fd}`
  }
}
