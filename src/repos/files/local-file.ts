import { closeSync, createReadStream, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { VarveError } from '../../model/index.ts'
import type { SegmentStore } from '../../segments/index.ts'
import type { FileEdit } from '../types/files.ts'
import { messageOf } from '../../util/index.ts'
import { extensionOf } from './file-value.ts'

/** Files up to this size are read whole, larger ones streamed. */
export const wholeFileBytes = 8 * 1024 * 1024

type AddedFile = NonNullable<FileEdit['file']>

export interface LocalFile {
  readonly executable: boolean
  readonly size: number
  /** Undefined when the file is too large to be read whole. */
  readonly bytes: Uint8Array | undefined
}

const slabBytes = 1 << 20

/** Cuts buffers for small files out of large ones: one allocation for hundreds of files. */
export class Slab {
  #rest: Buffer = Buffer.alloc(0)

  take(size: number): Buffer {
    if (size > slabBytes / 16) return Buffer.allocUnsafeSlow(size)
    if (size > this.#rest.length) this.#rest = Buffer.allocUnsafeSlow(slabBytes)
    const taken = this.#rest.subarray(0, size)
    this.#rest = this.#rest.subarray(size)
    return taken
  }
}

/**
 * Opens, measures and reads one file of this machine, synchronously: for small files that is
 * several times cheaper than promises. @throws IO_FAILED naming the file
 */
export function readLocal(file: string, slab: Slab = new Slab()): LocalFile {
  return naming(file, () => {
    const handle = openSync(file, 'r')
    try {
      const stats = fstatSync(handle)
      if (!stats.isFile()) throw new Error(`it is ${kindOf(stats)}`)
      const executable = (stats.mode & 0o111) !== 0
      const { size } = stats
      if (size > wholeFileBytes) return { executable, size, bytes: undefined }
      return { executable, size, bytes: readWhole(handle, slab.take(size)) }
    } finally {
      closeSync(handle)
    }
  })
}

/** Adds a file of any size in constant memory. */
export async function addLocal(
  segments: SegmentStore,
  lane: string,
  { path, file }: { readonly path: string; readonly file: string },
): Promise<AddedFile> {
  const { bytes, executable } = readLocal(file)
  const extension = extensionOf(path)
  const named = extension === undefined ? {} : { extension }
  if (bytes === undefined) {
    const stored = await segments.addStream(lane, { open: () => streamLocal(file), ...named })
    return { ...stored, executable }
  }
  const [stored] = await segments.addItems(lane, [{ bytes, ...named }])
  if (stored === undefined) throw new Error('segments answered without the item added')
  return { ...stored, executable }
}

/** The bytes of a file, in chunks. @throws IO_FAILED naming the file */
export async function* streamLocal(file: string): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      yield chunk as Uint8Array
    }
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** What the system refuses becomes `IO_FAILED`, naming the file. */
export function naming<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(file: string, error: unknown): VarveError {
  const why = messageOf(error)
  return new VarveError('IO_FAILED', {
    what: `Cannot read ${file}: ${why}.`,
    next: 'Check the path and its permissions; nothing was changed.',
    data: { file },
    cause: error,
  })
}

/** A file that grows or shrinks while it is read is stored as it was read, never padded. */
function readWhole(handle: number, buffer: Buffer): Uint8Array {
  let at = 0
  while (at < buffer.length) {
    const read = readSync(handle, buffer, at, buffer.length - at, at)
    if (read === 0) break
    at += read
  }
  return buffer.subarray(0, at)
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory'
  if (stats.isFIFO()) return 'a pipe'
  return stats.isSocket() ? 'a socket' : 'a device'
}
