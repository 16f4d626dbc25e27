import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { messageOf, systemCode } from '../../util/index.ts'
import { fileFault, unreadable } from './list-error.ts'
import type { ListFile } from './list-row.ts'
import { restOf } from './rest-of.ts'

const chunkBytes = 256 * 1024

/** The bytes of a list as they lie on disk. @throws LIST_NOT_FOUND, LIST_UNREADABLE */
export async function* storedBytes(path: string): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { highWaterMark: chunkBytes })
  try {
    for await (const chunk of stream) yield chunk as Uint8Array
  } catch (error) {
    throw fileFault(path, error)
  }
}

/**
 * The text bytes of a list, unpacked when they are gzip, whatever the name says.
 * @throws LIST_UNREADABLE also for a file named `.gz` that is no gzip, and for a parquet file
 */
export async function* listBytes(
  file: ListFile,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]()
  const head = await readHead(chunks)
  const whole = restOf(head, chunks)
  try {
    const packed = head[0] === 0x1f && head[1] === 0x8b
    if (file.gzip && !packed) throw unreadable(file, 'it is named .gz but is no gzip file')
    if (!packed) refuseBinary(file, head)
    yield* packed ? unpacked(file, whole) : whole
  } finally {
    await whole.return(undefined)
    await chunks.return?.()
  }
}

/** Pipes hand out any number of bytes at a time; telling formats apart takes four. */
async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0)
  while (head.length < 4) {
    const { value, done } = await chunks.next()
    if (done === true) break
    head = head.length === 0 ? value : Buffer.concat([head, value])
  }
  return head
}

function refuseBinary(file: ListFile, head: Uint8Array): void {
  const start = Buffer.from(head.subarray(0, 4)).toString('latin1')
  if (start === 'PAR1') {
    throw unreadable(file, `it is a parquet file, but was to be read as ${file.format}`)
  }
  if (/^(\xff\xfe|\xfe\xff)/.test(start)) throw unreadable(file, 'it is UTF-16; save it as UTF-8')
}

async function* unpacked(
  file: ListFile,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: chunkBytes })
  // A fault of either side ends the iteration below; the callback only keeps it from being thrown twice.
  pipeline(Readable.from(source), gunzip, () => undefined)
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array
  } catch (error) {
    if (systemCode(error)?.startsWith('Z_') !== true) throw error
    throw unreadable(file, `its gzip data is broken or cut short (${messageOf(error)})`, error)
  }
}

/** A file that is read in pieces, by offset. */
export interface RangedFile {
  readonly byteLength: number
  slice(start: number, end?: number): Promise<ArrayBuffer>
  close(): Promise<void>
}

/** @throws LIST_NOT_FOUND, LIST_UNREADABLE */
export async function openRanged(path: string): Promise<RangedFile> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw fileFault(path, error)
  })
  const { size } = await handle.stat()
  return {
    byteLength: size,
    async slice(start: number, end: number = size): Promise<ArrayBuffer> {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start))
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await handle.read(
          bytes,
          filled,
          bytes.length - filled,
          start + filled,
        )
        if (bytesRead === 0) throw unreadable({ path }, 'it became shorter while it was read')
        filled += bytesRead
      }
      return bytes.buffer
    },
    close: () => handle.close(),
  }
}
