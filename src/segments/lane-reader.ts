import type { Digest } from '../model/index.ts'
import type { ObjectStore } from '../storage/index.ts'
import { parseSegmentKey, segmentKey, type SegmentId } from './segment-key.ts'
import { blockBytes, paddedLength } from './tar/layout.ts'
import { readHeader } from './tar/read-header.ts'
import { SegmentScanner } from './segment-scanner.ts'

/** An item as it lies in its lane. */
export interface LaneItem {
  readonly digest: Digest
  /** A view of a buffer that is used again: valid until the next batch is asked for. */
  readonly bytes: Uint8Array
}

/** Small enough to stay in a processor's cache, as `cat` does it. */
const windowBytes = 512 << 10

/**
 * Every item of a data lane in the order it was added, in batches, at about the speed of the disk.
 * Headers are checked, payloads are not: compare `digestOf(bytes)` where that matters. Items of the
 * segments compaction has replaced may come twice while it runs.
 */
export async function* readLane(
  objects: ObjectStore,
  lane: string,
): AsyncGenerator<readonly LaneItem[]> {
  const buffer = Buffer.allocUnsafeSlow(windowBytes)
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
  let start = 0
  let carried = 0
  while (start + blockBytes <= size) {
    const window = buffer.subarray(0, Math.min(buffer.length, size - start))
    await objects.readInto(key, window.subarray(carried), start + carried)
    const { items, end } = itemsIn(window)
    if (items.length > 0) yield items
    start += end
    // An item cut by the window's end is moved to its start and not read again.
    carried = end > 0 ? window.copyWithin(0, end).length - end : 0
    if (end > 0) continue
    const large = await readLarge(objects, key, { start, size })
    if (large === undefined) return
    yield [large.item]
    start = large.end
  }
}

/** The whole items at the start of a window, and where the first one that is not whole begins. */
function itemsIn(window: Buffer): { items: LaneItem[]; end: number } {
  const items: LaneItem[] = []
  let end = 0
  while (end + blockBytes <= window.length) {
    const header = readHeader(window, end)
    if (header.kind !== 'member' || header.type !== 'file') break
    const payload = end + blockBytes
    const next = payload + paddedLength(header.size)
    if (next > window.length) break
    // The checksum held, so the digest is ours: no need to look at every digit of it again.
    if (header.link.length === 64) {
      const bytes = new Uint8Array(window.buffer, window.byteOffset + payload, header.size)
      items.push({ digest: header.link as Digest, bytes })
    }
    end = next
  }
  return { items, end }
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
  const bytes = await objects.read(key, member.offset, member.length)
  return { item: { digest: member.digest, bytes }, end: member.end }
}
