import { mkdtempSync, rmSync, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseFilePath, VarveError } from '../../model/index.ts'
import { unreachable } from '../../util/index.ts'
import type { NewItem } from '../../segments/index.ts'
import type { Tools } from '../scope.ts'
import type { FileEdit, FileSource, FileSources } from '../types/files.ts'
import { addLocal, readLocal, Slab, wholeFileBytes } from './local-file.ts'
import { itemOf } from './tree-content.ts'

/** Items handed to the segments at once: few promises a file, little memory. */
const batchFiles = 512
const batchBytes = 8 * 1024 * 1024

/** Stores the bytes of sources in a lane and answers edits that name them, in order. */
export async function addSources(
  tools: Tools,
  lane: string,
  sources: FileSources,
): Promise<readonly FileEdit[]> {
  const intake = new Intake(tools, lane)
  if (Symbol.iterator in sources) {
    for (const source of sources) {
      const waits = intake.add(source)
      if (waits !== undefined) await waits
    }
  } else {
    for await (const source of sources) await intake.add(source)
  }
  return intake.finish()
}

interface Waiting {
  readonly item: NewItem
  readonly executable: boolean
  /** Its place in the order of edits. */
  readonly index: number
}

class Intake {
  readonly #tools: Tools
  readonly #lane: string
  readonly #edits: FileEdit[] = []
  readonly #slab = new Slab()
  #waiting: Waiting[] = []
  #bytes = 0

  constructor(tools: Tools, lane: string) {
    this.#tools = tools
    this.#lane = lane
  }

  /** Answers a promise only where there is something to wait for. */
  add(source: FileSource): Promise<void> | undefined {
    const path = parseFilePath(source.path)
    if (path === '') throw noName(source.path)
    switch (source.kind) {
      case 'bytes':
        return this.#addBytes(path, source.bytes, source.executable === true)
      case 'local':
        return this.#addLocal(path, source.file)
      case 'stream':
        return this.#addStream(path, source.open(), source.executable === true)
      case 'url':
        return source.url.startsWith('file:')
          ? this.#addLocal(path, fileURLToPath(source.url))
          : this.#addStream(path, this.#tools.fetch(source.url), false)
      default:
        return unreachable(source)
    }
  }

  async finish(): Promise<readonly FileEdit[]> {
    await this.#flush()
    return this.#edits
  }

  #addBytes(path: string, bytes: Uint8Array, executable: boolean): Promise<void> | undefined {
    const index = this.#edits.push({ path, file: undefined }) - 1
    this.#waiting.push({ item: itemOf(path, bytes), executable, index })
    this.#bytes += bytes.length
    const isFull = this.#waiting.length >= batchFiles || this.#bytes >= batchBytes
    return isFull ? this.#flush() : undefined
  }

  #addLocal(path: string, file: string): Promise<void> | undefined {
    const { bytes, executable } = readLocal(file, this.#slab)
    if (bytes !== undefined) return this.#addBytes(path, bytes, executable)
    return this.#addLarge(path, file)
  }

  async #addLarge(path: string, file: string, executable?: boolean): Promise<void> {
    const stored = await addLocal(this.#tools.segments, this.#lane, { path, file })
    const flag = executable ?? stored.executable === true
    this.#edits.push({ path, file: { ...stored, executable: flag } })
  }

  async #addStream(
    path: string,
    chunks: AsyncIterable<Uint8Array>,
    executable: boolean,
  ): Promise<void> {
    const iterator = chunks[Symbol.asyncIterator]()
    const parts: Uint8Array[] = []
    let size = 0
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      parts.push(next.value)
      size += next.value.length
      if (size > wholeFileBytes) {
        const file = { path, executable }
        return this.#spool(file, parts, iterator)
      }
    }
    await this.#addBytes(path, Buffer.concat(parts), executable)
  }

  /** A long stream is laid down first: an item's name must be known before it can be stored. */
  async #spool(
    { path, executable }: { readonly path: string; readonly executable: boolean },
    head: readonly Uint8Array[],
    rest: AsyncIterator<Uint8Array>,
  ): Promise<void> {
    const folder = mkdtempSync(join(this.#tools.temporaryDirectory, 'put-'))
    const file = join(folder, 'stream')
    const whole = async function* () {
      yield* head
      for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
        yield next.value
      }
    }
    try {
      await pipeline(Readable.from(whole(), { objectMode: false }), createWriteStream(file))
      await this.#addLarge(path, file, executable)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting
    if (waiting.length === 0) return
    this.#waiting = []
    this.#bytes = 0
    const items = waiting.map(({ item }) => item)
    const stored = await this.#tools.segments.addItems(this.#lane, items)
    for (const [i, { digest, size }] of stored.entries()) {
      const { index, executable } = waiting[i] as Waiting
      this.#edits[index] = {
        path: this.#edits[index]?.path ?? '',
        file: { digest, size, executable },
      }
    }
  }
}

function noName(path: string): VarveError {
  return new VarveError('PATH_INVALID', {
    what: `"${path}" is the root; a file needs a name.`,
    data: { path },
  })
}
