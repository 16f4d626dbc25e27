import type { FileLayer } from './file-layer.ts'

const capacity = 64

/**
 * Files kept open for reading, so that a read costs one system call instead of three. A file that
 * was removed while it is kept here can still be read, which is what a reader beside gc wants.
 */
export class ReadHandles {
  readonly #files: FileLayer
  readonly #open = new Map<string, number>()

  constructor(files: FileLayer) {
    this.#files = files
  }

  get(path: string): number {
    const known = this.#open.get(path)
    if (known !== undefined) return known
    if (this.#open.size >= capacity) this.#closeOldest()
    const fd = this.#files.open(path, 'read')
    this.#open.set(path, fd)
    return fd
  }

  forget(path: string): void {
    const fd = this.#open.get(path)
    if (fd === undefined) return
    this.#open.delete(path)
    this.#files.close(fd)
  }

  close(): void {
    for (const path of this.#open.keys()) this.forget(path)
  }

  #closeOldest(): void {
    const [oldest] = this.#open.keys()
    if (oldest !== undefined) this.forget(oldest)
  }
}
