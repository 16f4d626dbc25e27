import type { DatabaseSync } from 'node:sqlite'
import { digestOf, VarveError, type Digest } from '../model/index.ts'
import { invariant, Mutex, type Clock } from '../util/index.ts'
import { isSyncFailure, type ObjectStore } from '../storage/index.ts'
import { addMembers, type NewMember } from './add-members.ts'
import { encodeClaim, type Claim } from './claim.ts'
import {
  compactSegments,
  type CompactionHost,
  type CompactOptions,
  type CompactReport,
} from './compaction.ts'
import { indexError } from './index-error.ts'
import type { IndexedPlace, IndexedRecord, ItemIndex } from './item-index.ts'
import { readLane, type LaneItem } from './lane-reader.ts'
import type { Placement } from './lane-writer.ts'
import { LaneWriters } from './lane-writers.ts'
import { claimName, itemName, metaLane, nodeName, recordName } from './member-name.ts'
import { measure, sameBytes } from './new-stream.ts'
import { PendingItems } from './pending-items.ts'
import { SegmentTable } from './segment-table.ts'
import { StoreReader } from './store-reader.ts'
import { verifySegments, type VerifyOptions, type VerifyReport } from './verify.ts'
import { memberLength, type MemberHeader } from './tar/write-header.ts'
import type { RecordPosition } from './record-position.ts'
import type {
  ApplyRecords,
  ItemLocation,
  NewItem,
  NewStream,
  SegmentStore,
  StoredItem,
} from './types.ts'

export interface StoreParts {
  readonly objects: ObjectStore
  readonly index: ItemIndex
  readonly indexPath: string
  readonly table: SegmentTable
  readonly mode: 'read' | 'write'
  readonly clock: Clock
  readonly segmentBytes: number
  readonly bufferBytes: number
  /** Lets go of the writer lock. */
  readonly release: () => void
}

interface RecordRequest {
  readonly records: readonly Uint8Array[]
  readonly apply: ApplyRecords | undefined
  outcome?: { readonly at: RecordPosition } | { readonly error: unknown }
}

/** Pending items take memory; at this many they are synced without being asked. */
const pendingLimit = 250_000
const recordBatch = 256

/** The store over an opened index. `openSegmentStore` makes it, after recovery. */
export class OpenSegmentStore implements SegmentStore {
  readonly #parts: StoreParts
  readonly #writers: LaneWriters
  readonly #pending = new PendingItems()
  readonly #mutex = new Mutex()
  readonly #reader: StoreReader
  #requests: RecordRequest[] = []
  readonly #table: SegmentTable
  #sequence: number
  /** The first record there is; those before it went with a checkpoint. */
  #first: number
  #failure: unknown
  #isClosed = false

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.#table = parts.table
    this.#writers = new LaneWriters(parts)
    this.#sequence = parts.index.lastSequence()
    this.#first = parts.index.firstSequence()
    this.#reader = new StoreReader(parts.objects, this.#table, (digests) => this.#find(digests))
  }

  get database(): DatabaseSync {
    return this.#parts.index.database
  }

  async addItems(lane: string, items: readonly NewItem[]): Promise<readonly StoredItem[]> {
    invariant(lane !== metaLane, 'the meta lane holds records and nodes only')
    const members = items.map(({ bytes, extension, key }) => {
      const digest = digestOf(bytes)
      return { name: itemName(key ?? digest, extension), digest, bytes, key }
    })
    await this.#addNew(lane, members)
    return members.map(({ digest, bytes }) => ({ digest, size: bytes.length }))
  }

  async addNodes(nodes: ReadonlyMap<Digest, Uint8Array>): Promise<void> {
    const members = Array.from(nodes, ([digest, bytes]) => {
      return { name: nodeName(digest), digest, bytes }
    })
    await this.#addNew(metaLane, members)
  }

  async addStream(lane: string, source: NewStream): Promise<StoredItem> {
    invariant(lane !== metaLane, 'the meta lane holds records and nodes only')
    const { digest, size } = await measure(source)
    await this.#write(async () => {
      if (this.#find([digest]).size > 0) return
      const name = itemName(digest, source.extension)
      const header = { name, digest, mtime: this.#seconds(), size }
      const writer = await this.#writers.get(lane)
      this.#place(digest, size, await writer.putChunks(header, sameBytes(source, { digest, size })))
    })
    return { digest, size }
  }

  async sync(): Promise<void> {
    await this.#write(() => this.#flush())
  }

  async appendRecords(
    records: readonly Uint8Array[],
    apply?: ApplyRecords,
  ): Promise<RecordPosition> {
    this.#checkWritable()
    const request: RecordRequest = { records, apply }
    this.#requests.push(request)
    await this.#write(async () => {
      if (request.outcome === undefined) await this.#flush()
    })
    const { outcome } = request
    invariant(outcome !== undefined, 'a flush leaves no request unanswered')
    if ('error' in outcome) throw outcome.error
    return outcome.at
  }

  async *records(after?: RecordPosition): AsyncIterable<{ at: RecordPosition; bytes: Uint8Array }> {
    let last = after?.sequence ?? 0
    for (;;) {
      const batch = this.#index(() => this.#parts.index.records(last, recordBatch))
      const payloads = await this.#reader.readRecords(batch)
      for (const [i, { sequence }] of batch.entries()) {
        yield { at: { sequence }, bytes: payloads[i] ?? new Uint8Array(0) }
        last = sequence
      }
      if (batch.length < recordBatch) return
    }
  }

  async has(digests: readonly Digest[]): Promise<readonly boolean[]> {
    const found = this.#find(digests)
    return digests.map((digest) => found.has(digest))
  }

  async locate(digests: readonly Digest[]): Promise<readonly (ItemLocation | undefined)[]> {
    return this.#reader.locate(digests)
  }

  async read(digests: readonly Digest[]): Promise<readonly Uint8Array[]> {
    await this.#flushFor(digests)
    return this.#reader.read(digests)
  }

  async *stream(digest: Digest, start?: number, end?: number): AsyncIterable<Uint8Array> {
    await this.#flushFor([digest])
    yield* this.#reader.stream(digest, start, end)
  }

  readLane(lane: string): AsyncIterable<readonly LaneItem[]> {
    return readLane(this.#parts.objects, lane)
  }

  async compact(options: CompactOptions): Promise<CompactReport> {
    // A reader only looks, and has nothing of its own to flush.
    if (options.dryRun && this.#parts.mode === 'read') return this.#compacted(options)
    let report: CompactReport | undefined
    await this.#write(async () => {
      await this.#flush()
      report = await this.#compacted(options)
    })
    invariant(report !== undefined, 'compaction answers with a report')
    return report
  }

  async #compacted(options: CompactOptions): Promise<CompactReport> {
    const { dryRun } = options
    const checkpoint = this.#worthWriting(options.checkpoint ?? [])
    const firstRecord = checkpoint.length > 0 ? this.#sequence + 1 : this.#first
    if (checkpoint.length > 0 && !dryRun) await this.#writeCheckpoint(checkpoint)
    const { objects, index } = this.#parts
    const host: CompactionHost = {
      objects,
      index,
      table: this.#table,
      firstRecord,
      writer: (lane) => this.#writers.get(lane),
      place: (digest, length, placement) => void this.#place(digest, length, placement),
      publishMoved: (records) => this.#publishMoved(records),
      claim: (claim) => this.#claimAlone(claim),
      forget: (segments) => this.#forget(segments, firstRecord),
    }
    const { freedBytes, ...rest } = await compactSegments(host, options)
    const written = checkpoint.length > 0 && !dryRun
    return {
      ...rest,
      freedBytes: freedBytes - sizeOf(checkpoint),
      ...(written ? { checkpoint: { sequence: this.#sequence } } : {}),
    }
  }

  async verify(options: VerifyOptions): Promise<VerifyReport> {
    return verifySegments(this.#parts, options)
  }

  /** What was not synced is lost; the lock is let go whatever happens. */
  async close(): Promise<void> {
    await this.#mutex.run(async () => {
      if (this.#isClosed) return
      this.#isClosed = true
      try {
        await this.#writers.close()
        await this.#parts.objects.close()
      } finally {
        this.#parts.index.close()
        this.#parts.release()
      }
    })
  }

  /** Makes everything durable in the promised order and answers every waiting request. */
  async #flush(): Promise<void> {
    const requests = this.#requests.splice(0)
    try {
      await this.#writers.flush()
      await this.#final(() => this.#writers.syncItems())
      const records = requests.length > 0 ? await this.#writeRecords(requests) : []
      await this.#final(async () => {
        await this.#writers.syncMeta()
        this.#publish(records, requests)
      })
    } catch (error) {
      for (const request of requests) request.outcome = { error }
      throw error
    }
  }

  /**
   * One claim and then the records, in one append behind the nodes they name. Recovery reads this
   * lane in order and stops at the first broken member, so one fsync covers nodes and records.
   */
  async #writeRecords(requests: readonly RecordRequest[]): Promise<IndexedRecord[]> {
    const writer = await this.#writers.get(metaLane)
    const payloads = requests.flatMap(({ records }) => records)
    const first = this.#sequence + 1
    const claim = { durable: this.#unclaimed(), dropped: [], lost: [], first: this.#first }
    const claimBytes = encodeClaim(claim)
    const members = [
      this.#member(claimName(first), claimBytes),
      ...payloads.map((payload, i) => this.#member(recordName(first + i), payload)),
    ]
    const places = await writer.putTogether(members)
    this.#table.applyClaim(claim)
    return places.slice(1).map(({ segment, offset }, i) => ({
      sequence: first + i,
      segment: this.#table.row(segment).id,
      offset,
      length: payloads[i]?.length ?? 0,
    }))
  }

  /** A checkpoint that takes no less than the records it replaces is not written. */
  #worthWriting(checkpoint: readonly Uint8Array[]): readonly Uint8Array[] {
    const bytes = sizeOf(checkpoint)
    return bytes < this.#index(() => this.#parts.index.recordBytes()) ? checkpoint : []
  }

  /** In a segment of its own, which compaction then has no reason to copy. */
  async #writeCheckpoint(records: readonly Uint8Array[]): Promise<void> {
    const writer = await this.#writers.get(metaLane)
    if (writer.durableSize > 0) await writer.roll()
    this.#requests.push({ records, apply: undefined })
    await this.#flush()
  }

  async #publishMoved(records: readonly IndexedRecord[]): Promise<void> {
    await this.#writers.flush()
    await this.#final(async () => {
      await this.#writers.syncItems()
      await this.#writers.syncMeta()
      this.#publish(records, [])
    })
  }

  /** Appends a claim without records, durably. */
  async #claimAlone(claim: Claim): Promise<void> {
    const writer = await this.#writers.get(metaLane)
    await writer.putTogether([this.#member(claimName(this.#sequence + 1), encodeClaim(claim))])
    await this.#final(() => writer.sync())
    this.#table.applyClaim(claim)
  }

  /** Forgets dropped segments, and the records that a checkpoint has replaced. */
  async #forget(segments: readonly number[], first: number): Promise<void> {
    const { index } = this.#parts
    await this.#final(async () => {
      this.#writers.noteDurable()
      this.#index(() =>
        index.transaction(() => {
          index.forgetSegments(segments)
          index.forgetRecords(first)
          index.putSegments(this.#table.changes())
        }),
      )
      this.#table.markWritten()
      this.#first = first
    })
  }

  /** Durable sizes that no claim in the meta lane tells of yet. */
  #unclaimed() {
    this.#writers.noteDurable()
    const rows = this.#table
      .all()
      .filter((row) => row.state !== 'dropped' && row.indexed > row.claimed)
    return rows.map((row) => ({ segment: row, size: row.indexed }))
  }

  #publish(records: readonly IndexedRecord[], requests: readonly RecordRequest[]): void {
    this.#writers.noteDurable()
    const { index } = this.#parts
    let sequence = this.#sequence
    this.#index(() =>
      index.transaction(() => {
        index.insertItems(this.#pending.list())
        index.insertRecords(records)
        index.putSegments(this.#table.changes())
        for (const request of requests) {
          sequence += request.records.length
          request.apply?.(index.database, { sequence })
          request.outcome = { at: { sequence } }
        }
      }),
    )
    this.#sequence = sequence
    this.#table.markWritten()
    this.#pending.clear()
  }

  async #addNew(lane: string, members: readonly NewMember[]): Promise<void> {
    await this.#write(async () => {
      const writer = await this.#writers.get(lane)
      const known = this.#find(members.map(({ digest }) => digest))
      await addMembers(writer, members, {
        mtime: this.#seconds(),
        isKnown: (digest) => known.has(digest),
        onPlaced: ({ digest, bytes }, place) =>
          known.set(digest, this.#place(digest, bytes.length, place)),
      })
    })
  }

  #place(digest: Digest, length: number, { segment, offset }: Placement): IndexedPlace {
    const place = { segment: this.#table.row(segment).id, offset, length }
    this.#pending.set(digest, place)
    return place
  }

  #member(name: string, payload: Uint8Array): { header: MemberHeader; payload: Uint8Array } {
    const digest = digestOf(payload)
    return { header: { name, digest, mtime: this.#seconds(), size: payload.length }, payload }
  }

  #seconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000)
  }

  /** Runs one change at a time; the first failure that leaves the disk unknown ends all writing. */
  async #write(change: () => Promise<void>): Promise<void> {
    this.#checkWritable()
    await this.#mutex.run(async () => {
      this.#checkWritable()
      try {
        await change()
        if (this.#pending.size > pendingLimit) await this.#flush()
      } catch (error) {
        if (isSyncFailure(error)) this.#failure = error
        throw error
      }
    })
  }

  async #final(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  #checkWritable(): void {
    invariant(this.#parts.mode === 'write', 'the store is open for reading only')
    invariant(!this.#isClosed, 'the store is closed')
    if (this.#failure === undefined) return
    throw new VarveError('IO_FAILED', {
      what: 'The store takes no more writes: making earlier ones durable failed.',
      next: 'Open the store again: it checks what reached the disk. Nothing acknowledged was lost.',
      cause: this.#failure,
    })
  }

  /** Where items lie, those included that wait to be published. */
  #find(digests: readonly Digest[]): Map<Digest, IndexedPlace> {
    if (this.#pending.size === 0) return this.#index(() => this.#parts.index.find(digests))
    const pending: [Digest, IndexedPlace][] = []
    const others: Digest[] = []
    for (const digest of digests) {
      const place = this.#pending.get(digest)
      if (place === undefined) others.push(digest)
      else pending.push([digest, place])
    }
    const found = this.#index(() => this.#parts.index.find(others))
    for (const [digest, place] of pending) found.set(digest, place)
    return found
  }

  /** Makes items readable that still wait in a buffer. */
  async #flushFor(digests: readonly Digest[]): Promise<void> {
    if (this.#pending.size === 0) return
    const isBuffered = digests.some((digest) => {
      const place = this.#pending.get(digest)
      if (place === undefined) return false
      return this.#writers.isBuffered(this.#table.get(place.segment), place.offset)
    })
    if (!isBuffered) return
    await this.#mutex.run(() => this.#writers.flush())
  }

  #index<T>(run: () => T): T {
    return indexError(this.#parts.indexPath, run)
  }
}

/** What records take in a segment. */
function sizeOf(records: readonly Uint8Array[]): number {
  return records.reduce((sum, { length }) => sum + memberLength(length), 0)
}
