import { createReadStream } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { VarveError } from '../model/index.ts'
import type { FileSource } from '../repos/index.ts'
import { unreachable, type Random } from '../util/index.ts'

const inMemory = 8 * 1024 * 1024

export interface Spooled {
  readonly source: FileSource
  dispose(): Promise<void>
}

/**
 * Turns a stream that can be read once into a source that can be read twice: small ones stay in
 * memory, large ones go to a scratch file.
 */
export async function spool(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  options: { readonly scratch: string; readonly random: Random },
): Promise<Spooled> {
  const iterator = chunks[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  let size = 0
  while (size <= inMemory) {
    const next = await iterator.next()
    if (next.done === true) {
      return {
        source: { kind: 'bytes', path, bytes: Buffer.concat(head) },
        dispose: async () => {},
      }
    }
    head.push(next.value)
    size += next.value.length
  }
  const file = join(options.scratch, `spool-${options.random.uuidHex()}`)
  await mkdir(options.scratch, { recursive: true })
  const dispose = async (): Promise<void> => rm(file, { force: true })
  try {
    await writeAll(file, head, iterator)
  } catch (error) {
    await dispose()
    throw error
  }
  return { source: { kind: 'stream', path, open: () => createReadStream(file) }, dispose }
}

async function writeAll(
  file: string,
  head: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    for (const chunk of head) await handle.writeFile(chunk)
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      await handle.writeFile(next.value)
    }
  } finally {
    await handle.close()
  }
}

/** The bytes of a source, however it holds them. */
export function bytesOf(source: FileSource): AsyncIterable<Uint8Array> {
  switch (source.kind) {
    case 'bytes':
      return inOneChunk(source.bytes)
    case 'stream':
      return source.open()
    case 'local':
      return createReadStream(source.file)
    case 'url':
      return fetched(source.url)
    default:
      return unreachable(source)
  }
}

async function* inOneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* fetched(url: string): AsyncGenerator<Uint8Array> {
  const { body, ok, status } = await fetch(url)
  if (!ok || body === null) {
    throw new VarveError('IO_FAILED', {
      what: `${url} answered ${status}.`,
      next: 'Check the address.',
      data: { url, status },
    })
  }
  yield* body
}
