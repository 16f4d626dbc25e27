import { createHash } from 'node:crypto'
import { digestOf, isVarveError, VarveError, type Digest } from '../model/index.ts'
import type { Memory, ObjectRange, ObjectStore } from '../storage/index.ts'
import { inSizedBatches } from '../util/index.ts'
import { indexError } from './index-error.ts'
import type { IndexedPlace, IndexedRecord, ItemIndex } from './item-index.ts'
import type { RecordPosition } from './record-position.ts'
import { segmentKey } from './segment-key.ts'
import type { SegmentTable } from './segment-table.ts'
import { blockBytes } from './tar/layout.ts'
import { readHeader } from './tar/read-header.ts'
import type { DamagedRecord, ItemLocation, ReadOptions, RecordOptions } from './types.ts'

export interface ReaderParts {
  readonly objects: ObjectStore
  readonly index: ItemIndex
  readonly indexPath: string
  readonly table: SegmentTable
}

/** A checkpoint's records are large. */
const recordLimits = { length: 256, size: 8 << 20 }

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

  async #readRanges(
    ranges: readonly ObjectRange[],
    memory?: Memory,
  ): Promise<readonly Uint8Array[]> {
    try {
      return await this.#parts.objects.readMany(ranges, memory)
    } catch (error) {
      throw asDamage(error)
    }
  }

  async *records(
    after?: RecordPosition,
    { onDamage }: RecordOptions = {},
  ): AsyncIterable<{ at: RecordPosition; bytes: Uint8Array }> {
    let last = after?.sequence ?? 0
    for (;;) {
      const batch = this.#recordsAfter(last)
      if (batch.length === 0) return
      const payloads = await this.#readRecordsTwice(batch, last).catch((error: unknown) => {
        if (onDamage === undefined || !isVarveError(error, 'STORE_DAMAGED')) throw error
        return this.#readEachRecord(batch, onDamage)
      })
      for (const [i, { sequence }] of batch.entries()) {
        const bytes = payloads[i]
        if (bytes !== undefined) yield { at: { sequence }, bytes }
        last = sequence
      }
    }
  }

  #recordsAfter(last: number): readonly IndexedRecord[] {
    const { index, indexPath } = this.#parts
    const records = indexError(indexPath, () => index.records(last, recordLimits.length))
    const sized = records.map((record) => ({ ...record, size: record.length }))
    return inSizedBatches(sized, recordLimits).next().value ?? []
  }

  /** As for items: compaction may just have moved them. */
  async #readRecordsTwice(batch: readonly IndexedRecord[], last: number): Promise<Uint8Array[]> {
    try {
      return await this.#readRecords(batch)
    } catch (error) {
      const now = new Map(this.#recordsAfter(last).map((record) => [record.sequence, record]))
      const again = batch.flatMap(({ sequence }) => now.get(sequence) ?? [])
      const isMoved = again.some(({ segment }, i) => segment !== batch[i]?.segment)
      if (!mayHaveMoved(error) || !isMoved || again.length < batch.length) throw error
      return this.#readRecords(again)
    }
  }

  async #readEachRecord(
    batch: readonly IndexedRecord[],
    onDamage: (damaged: DamagedRecord) => void,
  ): Promise<(Uint8Array | undefined)[]> {
    const payloads: (Uint8Array | undefined)[] = []
    for (const record of batch) {
      const [payload] = await this.#readRecords([record]).catch((error: unknown) => {
        if (!isVarveError(error, 'STORE_DAMAGED')) throw error
        const segment = segmentKey(this.#parts.table.get(record.segment))
        const { sequence, offset } = record
        onDamage({ sequence, segment, offset: offset - blockBytes, what: error.message })
        return []
      })
      payloads.push(payload)
    }
    return payloads
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

  /** Goes on at the new place when compaction moves the item meanwhile. */
  async *stream(digest: Digest, start = 0, end?: number): AsyncIterable<Uint8Array> {
    let place = known(this.#find([digest]), digest)
    const last = Math.min(end ?? place.length, place.length)
    const hash = start === 0 && last === place.length ? createHash('sha256') : undefined
    for (let done = start; done < last;) {
      try {
        for await (const chunk of this.#chunks(place, done, last)) {
          hash?.update(chunk)
          done += chunk.length
          yield chunk
        }
      } catch (error) {
        const now = known(this.#find([digest]), digest)
        if (!mayHaveMoved(error) || now.segment === place.segment) throw asDamage(error)
        place = now
      }
    }
    if (hash !== undefined && hash.digest('hex') !== digest) {
      const key = segmentKey(this.#parts.table.get(place.segment))
      throw wrongBytes(digest, { key, offset: place.offset })
    }
  }

  #chunks(place: IndexedPlace, start: number, end: number): AsyncIterable<Uint8Array> {
    const key = segmentKey(this.#parts.table.get(place.segment))
    return this.#parts.objects.stream(key, place.offset + start, place.offset + end)
  }
}

/** What the index names is durable: a segment that ends before it, or is not there, was damaged. */
function asDamage(cause: unknown): unknown {
  if (!isVarveError(cause, 'IO_FAILED')) return cause
  const { isShort, reason, path } = cause.data
  if (isShort !== true && reason !== 'ENOENT') return cause
  const what = isShort === true ? cause.message : `${String(path)} is gone.`
  return new VarveError('STORE_DAMAGED', { what, data: cause.data, cause })
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
