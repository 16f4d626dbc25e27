import type { Digest } from '../model/index.ts'
import type { ObjectStore } from '../storage/index.ts'
import { parseSegmentKey, segmentKey, type SegmentId } from './segment-key.ts'
import { blockBytes, paddedLength } from './tar/layout.ts'
import { fileSize, headerDigest, headerName } from './tar/read-header.ts'
import { SegmentScanner } from './segment-scanner.ts'

/** An item as it lies in its lane, all of it valid until the next batch is asked for. */
export interface LaneItem {
  readonly digest: Digest
  /** Name of the TAR member. */
  readonly name: string
  readonly size: number
  /** A view of a buffer that is used again. */
  readonly bytes: Uint8Array
}

/** What is read at once: small enough for a processor's cache, and a call costs nothing beside it. */
const windowBytes = 1 << 20

/**
 * Every item of a data lane in the order it was added, in batches, at about the speed of the disk.
 * Headers are checked, payloads are not: compare `digestOf(bytes)` where that matters. What lies
 * there twice comes twice: captions of several samples, and items that compaction is just moving.
 */
export async function* readLane(
  objects: ObjectStore,
  lane: string,
): AsyncGenerator<readonly LaneItem[]> {
  // Not from the pool: it begins where its memory begins.
  const buffer = Buffer.allocUnsafeSlow(2 * windowBytes)
  for (const { key, size } of await objects.list(`segments/${lane}/`)) {
    const segment = parseSegmentKey(key)
    if (segment?.lane === lane) yield* readSegment(objects, { segment, size }, buffer)
  }
}

async function* readSegment(
  objects: ObjectStore,
  { segment, size }: { segment: SegmentId; size: number },
  buffer: Buffer,
): AsyncGenerator<readonly LaneItem[]> {
  const key = segmentKey(segment)
  for (let start = 0; start + blockBytes <= size;) {
    const filled = Math.min(windowBytes, size - start)
    await objects.readInto(key, buffer.subarray(0, filled), start)
    const { items, end } = itemsIn(buffer, { filled, size: size - start })
    // The rest of an item that the window's end cuts is read behind it: nothing is moved.
    if (end > filled) await objects.readInto(key, buffer.subarray(filled, end), start + filled)
    if (items.length > 0) yield items
    start += end
    if (end > 0) continue
    const large = await readLarge(objects, key, { start, size })
    if (large === undefined) return
    yield [large.item]
    start = large.end
  }
}

/**
 * The items whose headers lie in the filled part of a buffer, and where the last of them ends: past
 * that part when it is cut, but within the buffer.
 * @param size bytes from the start of the buffer to the end of the segment
 */
function itemsIn(
  buffer: Buffer,
  { filled, size }: { readonly filled: number; readonly size: number },
): { items: LaneItem[]; end: number } {
  const items: LaneItem[] = []
  const memory = buffer.buffer
  const words = new Uint32Array(memory)
  const limit = Math.min(buffer.length, size)
  let end = 0
  while (end + blockBytes <= filled) {
    const length = fileSize(buffer, words, end)
    const next = end + blockBytes + paddedLength(length)
    if (length < 0 || next > limit) break
    items.push(new ItemView(memory, end, length))
    end = next
  }
  return { items, end }
}

/** Makes of an item what is asked for, and nothing before: most readers want only its bytes. */
class ItemView implements LaneItem {
  readonly #memory: ArrayBufferLike
  readonly #start: number
  readonly size: number

  constructor(memory: ArrayBufferLike, start: number, size: number) {
    this.#memory = memory
    this.#start = start
    this.size = size
  }

  get digest(): Digest {
    return headerDigest(Buffer.from(this.#memory), this.#start)
  }

  get name(): string {
    return headerName(Buffer.from(this.#memory), this.#start)
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.#memory, this.#start + blockBytes, this.size)
  }
}

/** An item larger than the window, in a buffer of its own; undefined at the end or at damage. */
async function readLarge(
  objects: ObjectStore,
  key: string,
  { start, size }: { start: number; size: number },
): Promise<{ item: LaneItem; end: number } | undefined> {
  const scanner = new SegmentScanner(objects, key, { from: start, to: size, checkFrom: Infinity })
  const [member] = (await scanner.next()) ?? []
  if (member === undefined) return undefined
  const { digest, fileName: name, offset, length, end } = member
  const bytes = await objects.read(key, offset, length)
  return { item: { digest, name, size: length, bytes }, end }
}
