import { createHash } from 'node:crypto'
import { digestOf, isVarveError, VarveError, type Digest } from '../model/index.ts'
import type { Memory, ObjectRange, ObjectStore } from '../storage/index.ts'
import { indexError } from './index-error.ts'
import type { IndexedPlace, IndexedRecord, ItemIndex } from './item-index.ts'
import type { RecordPosition } from './record-position.ts'
import { segmentKey } from './segment-key.ts'
import type { SegmentTable } from './segment-table.ts'
import { blockBytes } from './tar/layout.ts'
import { readHeader } from './tar/read-header.ts'
import type { ItemLocation, ReadOptions } from './types.ts'

export interface ReaderParts {
  readonly objects: ObjectStore
  readonly index: ItemIndex
  readonly indexPath: string
  readonly table: SegmentTable
}

const recordBatch = 256

type Find = (digests: readonly Digest[]) => Map<Digest, IndexedPlace>

/** Reads items and checks each against its digest: wrong bytes are never answered. */
export class StoreReader {
  readonly #parts: ReaderParts
  readonly #find: Find

  /** `find` says where items lie; the index alone knows it of those that are published. */
  constructor(parts: ReaderParts, find: Find) {
    this.#parts = parts
    this.#find = find
  }

  has(digests: readonly Digest[]): boolean[] {
    const places = this.#find(digests)
    return digests.map((digest) => places.has(digest))
  }

  locate(digests: readonly Digest[]): (ItemLocation | undefined)[] {
    const places = this.#find(digests)
    return digests.map((digest) => {
      const place = places.get(digest)
      if (place === undefined) return undefined
      const { lane, number } = this.#parts.table.get(place.segment)
      return { lane, segment: number, offset: place.offset, length: place.length }
    })
  }

  /** A read that meets a segment compaction has just replaced looks its places up once more. */
  async read(
    digests: readonly Digest[],
    options: ReadOptions = {},
  ): Promise<readonly Uint8Array[]> {
    const places = this.#find(digests)
    try {
      return await this.#readAt(digests, places, options)
    } catch (error) {
      const now = this.#find(digests)
      if (!mayHaveMoved(error) || !haveMoved(digests, places, now)) throw error
      return this.#readAt(digests, now, options)
    }
  }

  async #readAt(
    digests: readonly Digest[],
    places: ReadonlyMap<Digest, IndexedPlace>,
    { unchecked = false, memory }: ReadOptions,
  ): Promise<readonly Uint8Array[]> {
    const ranges = digests.map((digest) => {
      const { segment, offset, length } = known(places, digest)
      return { key: segmentKey(this.#parts.table.get(segment)), offset, length }
    })
    const items = await this.#readRanges(ranges, memory)
    if (unchecked) return items
    items.forEach((bytes, i) => {
      const digest = digests[i]
      if (digest !== undefined && digestOf(bytes) !== digest) throw wrongBytes(digest, ranges[i])
    })
    return items
  }

  /** What the index names is durable: a segment that ends before it was cut. */
  async #readRanges(
    ranges: readonly ObjectRange[],
    memory?: Memory,
  ): Promise<readonly Uint8Array[]> {
    try {
      return await this.#parts.objects.readMany(ranges, memory)
    } catch (cause) {
      if (!isVarveError(cause, 'IO_FAILED') || cause.data['isShort'] !== true) throw cause
      throw new VarveError('STORE_DAMAGED', { what: cause.message, data: cause.data, cause })
    }
  }

  async *records(after?: RecordPosition): AsyncIterable<{ at: RecordPosition; bytes: Uint8Array }> {
    const { index, indexPath } = this.#parts
    let last = after?.sequence ?? 0
    for (;;) {
      const batch = indexError(indexPath, () => index.records(last, recordBatch))
      const payloads = await this.#readRecords(batch)
      for (const [i, { sequence }] of batch.entries()) {
        yield { at: { sequence }, bytes: payloads[i] ?? new Uint8Array(0) }
        last = sequence
      }
      if (batch.length < recordBatch) return
    }
  }

  /** Payloads of records, checked against the digest in the header in front of each. */
  async #readRecords(records: readonly IndexedRecord[]): Promise<Uint8Array[]> {
    const ranges = records.map(({ segment, offset, length }) => ({
      key: segmentKey(this.#parts.table.get(segment)),
      offset: offset - blockBytes,
      length: length + blockBytes,
    }))
    const members = await this.#readRanges(ranges)
    return members.map((bytes, i) => {
      const header = readHeader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), 0)
      const payload = bytes.subarray(blockBytes)
      if (header.kind === 'member' && header.link === digestOf(payload)) return payload
      const at = ranges[i]
      throw new VarveError('STORE_DAMAGED', {
        what: `Record ${records[i]?.sequence} in ${at?.key} at ${at?.offset} is damaged.`,
        data: { sequence: records[i]?.sequence, segment: at?.key, offset: at?.offset },
      })
    })
  }

  async *stream(digest: Digest, start = 0, end?: number): AsyncIterable<Uint8Array> {
    const place = known(this.#find([digest]), digest)
    const key = segmentKey(this.#parts.table.get(place.segment))
    const last = Math.min(end ?? place.length, place.length)
    const hash = start === 0 && last === place.length ? createHash('sha256') : undefined
    for await (const chunk of this.#parts.objects.stream(
      key,
      place.offset + start,
      place.offset + last,
    )) {
      hash?.update(chunk)
      yield chunk
    }
    if (hash !== undefined && hash.digest('hex') !== digest) {
      throw wrongBytes(digest, { key, offset: place.offset })
    }
  }
}

function mayHaveMoved(error: unknown): boolean {
  return isVarveError(error, 'IO_FAILED') || isVarveError(error, 'STORE_DAMAGED')
}

function haveMoved(
  digests: readonly Digest[],
  before: ReadonlyMap<Digest, IndexedPlace>,
  after: ReadonlyMap<Digest, IndexedPlace>,
): boolean {
  return digests.some((digest) => before.get(digest)?.segment !== after.get(digest)?.segment)
}

function known(places: ReadonlyMap<Digest, IndexedPlace>, digest: Digest): IndexedPlace {
  const place = places.get(digest)
  if (place !== undefined) return place
  throw new VarveError('ITEM_MISSING', {
    what: `The item ${digest} is not in the store.`,
    data: { digest },
  })
}

function wrongBytes(digest: Digest, at?: { key: string; offset: number }): VarveError {
  return new VarveError('STORE_DAMAGED', {
    what: `The item ${digest} is damaged: the bytes in ${at?.key} at ${at?.offset} have another digest.`,
    data: { digest, segment: at?.key, offset: at?.offset },
  })
}
