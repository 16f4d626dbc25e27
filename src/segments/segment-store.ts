import type { DatabaseSync } from 'node:sqlite'
import { digestOf, type Digest } from '../model/index.ts'
import { invariant, type Clock } from '../util/index.ts'
import type { ObjectStore } from '../storage/index.ts'
import { addMembers, type NewMember } from './add-members.ts'
import {
  compactSegments,
  type CompactionHost,
  type CompactOptions,
  type CompactReport,
  type NewCheckpoint,
} from './compaction.ts'
import { indexError } from './index-error.ts'
import type { IndexedPlace, ItemIndex } from './item-index.ts'
import { readLane, type LaneItem } from './lane-reader.ts'
import { LaneWriters } from './lane-writers.ts'
import { itemName, metaLane, nodeName } from './member-name.ts'
import { measure, sameBytes } from './new-stream.ts'
import { PendingItems } from './pending-items.ts'
import { checkpointBytes, Publisher } from './publisher.ts'
import type { SegmentTable } from './segment-table.ts'
import { StoreReader } from './store-reader.ts'
import { verifySegments, type VerifyOptions, type VerifyReport } from './verify.ts'
import { WriteGate } from './write-gate.ts'
import type { RecordPosition } from './record-position.ts'
import type {
  ApplyRecords,
  ReadOptions,
  RecordOptions,
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

/** Pending items take memory; at this many they are synced without being asked. */
const pendingLimit = 250_000

/** The store of the writer, over an opened index. `openSegmentStore` makes it, after recovery. */
export class OpenSegmentStore implements SegmentStore {
  readonly #parts: StoreParts
  readonly #gate: WriteGate
  readonly #writers: LaneWriters
  readonly #pending = new PendingItems()
  readonly #publisher: Publisher
  readonly #reader: StoreReader

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.#gate = new WriteGate(parts.mode)
    this.#writers = new LaneWriters(parts)
    this.#publisher = new Publisher({
      ...parts,
      gate: this.#gate,
      writers: this.#writers,
      pending: this.#pending,
    })
    this.#reader = new StoreReader(parts, (digests) => this.#find(digests))
  }

  get database(): DatabaseSync {
    return this.#parts.index.database
  }

  async addItems(lane: string, items: readonly NewItem[]): Promise<readonly StoredItem[]> {
    invariant(lane !== metaLane, 'the meta lane holds records and nodes only')
    const members = items.map(({ bytes, extension, key, digest = digestOf(bytes) }) => {
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
    await this.#add(async () => {
      if (this.#find([digest]).size > 0) return
      const name = itemName(digest, source.extension)
      const header = { name, digest, mtime: this.#seconds(), size }
      const writer = await this.#writers.get(lane)
      const chunks = sameBytes(source, { digest, size })
      this.#publisher.place(digest, size, await writer.putChunks(header, chunks))
    })
    return { digest, size }
  }

  async sync(): Promise<void> {
    await this.#gate.run(() => this.#publisher.flush())
  }

  appendRecords(records: readonly Uint8Array[], apply?: ApplyRecords): Promise<RecordPosition> {
    return this.#publisher.append(records, apply)
  }

  records(
    after?: RecordPosition,
    options?: RecordOptions,
  ): AsyncIterable<{ at: RecordPosition; bytes: Uint8Array }> {
    return this.#reader.records(after, options)
  }

  recordBytes(): number {
    return this.#index(() => this.#parts.index.recordBytes())
  }

  async has(digests: readonly Digest[]): Promise<readonly boolean[]> {
    return this.#reader.has(digests)
  }

  async locate(digests: readonly Digest[]): Promise<readonly (ItemLocation | undefined)[]> {
    return this.#reader.locate(digests)
  }

  async read(digests: readonly Digest[], options?: ReadOptions): Promise<readonly Uint8Array[]> {
    await this.#flushFor(digests)
    return this.#reader.read(digests, options)
  }

  async *stream(digest: Digest, start?: number, end?: number): AsyncIterable<Uint8Array> {
    await this.#flushFor([digest])
    yield* this.#reader.stream(digest, start, end)
  }

  readLane(lane: string): AsyncIterable<readonly LaneItem[]> {
    return readLane(this.#parts.objects, lane)
  }

  compact(options: CompactOptions): Promise<CompactReport> {
    // A reader's dry run only looks: it is no change, and there is nothing of its own to flush.
    if (options.dryRun && this.#parts.mode === 'read') return this.#compacted(options)
    return this.#gate.run(async () => {
      await this.#publisher.flush()
      return this.#compacted(options)
    })
  }

  async #compacted(options: CompactOptions): Promise<CompactReport> {
    const publisher = this.#publisher
    const checkpoint = this.#worthWriting(options.checkpoint)
    const isWritten = checkpoint !== undefined && !options.dryRun
    const firstRecord = checkpoint === undefined ? publisher.firstRecord : publisher.sequence + 1
    if (isWritten) await publisher.writeCheckpoint(checkpoint)
    const { freedBytes, ...report } = await compactSegments(this.#host(firstRecord), options)
    const bytes = checkpoint === undefined ? 0 : checkpointBytes(checkpoint)
    return { ...report, freedBytes: freedBytes - bytes }
  }

  async verify(options: VerifyOptions): Promise<VerifyReport> {
    return verifySegments(this.#parts, options)
  }

  /** What was not synced is lost; the lock is let go whatever happens. */
  async close(): Promise<void> {
    await this.#gate.close(async () => {
      try {
        await this.#writers.close()
        await this.#parts.objects.close()
      } finally {
        this.#parts.index.close()
        this.#parts.release()
      }
    })
  }

  async #addNew(lane: string, members: readonly NewMember[]): Promise<void> {
    await this.#add(async () => {
      const writer = await this.#writers.get(lane)
      const known = this.#find(members.map(({ digest }) => digest))
      await addMembers(writer, members, {
        mtime: this.#seconds(),
        isKnown: (digest) => known.has(digest),
        onPlaced: ({ digest, bytes }, placement) =>
          known.set(digest, this.#publisher.place(digest, bytes.length, placement)),
      })
    })
  }

  async #add(change: () => Promise<void>): Promise<void> {
    await this.#gate.run(async () => {
      await change()
      if (this.#pending.size > pendingLimit) await this.#publisher.flush()
    })
  }

  /** A checkpoint that takes no less than the records it replaces is not written. */
  #worthWriting(checkpoint: NewCheckpoint | undefined): NewCheckpoint | undefined {
    if (checkpoint === undefined) return undefined
    return checkpointBytes(checkpoint) < this.recordBytes() ? checkpoint : undefined
  }

  #host(firstRecord: number): CompactionHost {
    const { objects, index, table } = this.#parts
    const publisher = this.#publisher
    return {
      objects,
      index,
      table,
      firstRecord,
      writer: (lane) => this.#writers.get(lane),
      place: (digest, length, placement) => void publisher.place(digest, length, placement),
      publishMoved: (records) => publisher.publishMoved(records),
      claim: (claim) => publisher.claim(claim),
      forget: (segments) => publisher.forget(segments, firstRecord),
    }
  }

  #seconds(): number {
    return Math.floor(this.#parts.clock.now() / 1000)
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
      return this.#writers.isBuffered(this.#parts.table.get(place.segment), place.offset)
    })
    if (!isBuffered) return
    await this.#gate.aside(() => this.#writers.flush())
  }

  #index<T>(run: () => T): T {
    return indexError(this.#parts.indexPath, run)
  }
}
