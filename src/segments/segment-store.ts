import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { digestOf, VarveError, type Digest } from '../model/index.ts'
import { invariant, Mutex, type Clock } from '../util/index.ts'
import type { ObjectStore } from '../storage/index.ts'
import { encodeClaim } from './claim.ts'
import { indexError } from './index-error.ts'
import type { IndexedPlace, IndexedRecord, ItemIndex } from './item-index.ts'
import { LaneWriter, type Placement } from './lane-writer.ts'
import { claimName, itemName, metaLane, nodeName, recordName } from './member-name.ts'
import { PendingItems } from './pending-items.ts'
import { segmentKey, type SegmentId } from './segment-key.ts'
import { SegmentTable } from './segment-table.ts'
import { StoreReader } from './store-reader.ts'
import type { MemberHeader } from './tar/write-header.ts'
import type {
  ApplyRecords,
  ItemLocation,
  NewItem,
  NewStream,
  RecordPosition,
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
  readonly #writers = new Map<string, LaneWriter>()
  readonly #pending = new PendingItems()
  readonly #mutex = new Mutex()
  readonly #reader: StoreReader
  #requests: RecordRequest[] = []
  #table: SegmentTable
  #sequence: number
  #failure: unknown
  #isClosed = false

  constructor(parts: StoreParts) {
    this.#parts = parts
    this.#table = parts.table
    this.#sequence = parts.index.lastSequence()
    this.#reader = new StoreReader(
      parts.objects,
      () => this.#table,
      (digests) => this.#find(digests),
    )
  }

  get database(): DatabaseSync {
    return this.#parts.index.database
  }

  async addItems(lane: string, items: readonly NewItem[]): Promise<readonly StoredItem[]> {
    invariant(lane !== metaLane, 'the meta lane holds records and nodes only')
    const stored = items.map(({ bytes }) => ({ digest: digestOf(bytes), size: bytes.length }))
    await this.#write(async () => {
      const known = this.#find(stored.map(({ digest }) => digest))
      const writer = await this.#writer(lane)
      for (const [i, item] of items.entries()) {
        const digest = stored[i]?.digest
        if (digest === undefined || known.has(digest) || this.#pending.get(digest)) continue
        await this.#add(
          writer,
          this.#header(itemName(digest, item.extension), digest, item.bytes),
          item.bytes,
        )
      }
    })
    return stored
  }

  async addNodes(nodes: ReadonlyMap<Digest, Uint8Array>): Promise<void> {
    await this.#write(async () => {
      const known = this.#find([...nodes.keys()])
      const writer = await this.#writer(metaLane)
      for (const [digest, bytes] of nodes) {
        if (known.has(digest)) continue
        await this.#add(writer, this.#header(nodeName(digest), digest, bytes), bytes)
      }
    })
  }

  async addStream(lane: string, source: NewStream): Promise<StoredItem> {
    invariant(lane !== metaLane, 'the meta lane holds records and nodes only')
    const { digest, size } = await measure(source)
    await this.#write(async () => {
      if (this.#find([digest]).size > 0) return
      const header = { ...this.#header(itemName(digest, source.extension), digest), size }
      const writer = await this.#writer(lane)
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
      const ranges = batch.map(({ segment, offset, length }) => ({
        key: segmentKey(this.#segment(segment)),
        offset,
        length,
      }))
      const payloads = await this.#parts.objects.readMany(ranges)
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

  /** What was not synced is lost; the lock is let go whatever happens. */
  async close(): Promise<void> {
    await this.#mutex.run(async () => {
      if (this.#isClosed) return
      this.#isClosed = true
      try {
        for (const writer of this.#writers.values()) await writer.close()
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
      for (const writer of this.#writers.values()) await writer.flush()
      for (const [lane, writer] of this.#writers) {
        if (lane !== metaLane) await this.#final(() => writer.sync())
      }
      const records = requests.length > 0 ? await this.#writeRecords(requests) : []
      const meta = this.#writers.get(metaLane)
      await this.#final(async () => {
        await meta?.sync()
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
    const writer = await this.#writer(metaLane)
    const payloads = requests.flatMap(({ records }) => records)
    const first = this.#sequence + 1
    const claim = { durable: this.#unclaimed(), dropped: [] }
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

  /** Durable sizes that no claim in the meta lane tells of yet. */
  #unclaimed() {
    this.#noteDurable()
    const rows = this.#table
      .all()
      .filter((row) => row.state !== 'dropped' && row.indexed > row.claimed)
    return rows.map((row) => ({ segment: row, size: row.indexed }))
  }

  #noteDurable(): void {
    for (const writer of this.#writers.values()) {
      const row = this.#table.row(writer.segment)
      if (writer.durableSize > row.indexed) {
        this.#table.update({ ...row, indexed: writer.durableSize })
      }
    }
  }

  #publish(records: readonly IndexedRecord[], requests: readonly RecordRequest[]): void {
    this.#noteDurable()
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

  async #writer(lane: string): Promise<LaneWriter> {
    const open = this.#writers.get(lane)
    if (open !== undefined) return open
    const { objects, segmentBytes, bufferBytes } = this.#parts
    const numbers = this.#table.all().filter((row) => row.lane === lane)
    const last = numbers.toSorted((a, b) => b.number - a.number)[0]
    const number = last === undefined ? 1 : last.state === 'open' ? last.number : last.number + 1
    const segment = { lane, number }
    const onSealed = (sealed: SegmentId, size: number) => {
      this.#table.update({ ...this.#table.row(sealed), indexed: size, state: 'sealed' })
    }
    const writer = await LaneWriter.open({ objects, segment, segmentBytes, bufferBytes, onSealed })
    this.#writers.set(lane, writer)
    return writer
  }

  async #add(writer: LaneWriter, header: MemberHeader, bytes: Uint8Array): Promise<void> {
    const place = writer.tryPut(header, bytes) ?? (await writer.put(header, bytes))
    this.#place(header.digest as Digest, bytes.length, place)
  }

  #place(digest: Digest, length: number, { segment, offset }: Placement): void {
    this.#pending.set(digest, { segment: this.#table.row(segment).id, offset, length })
  }

  #member(name: string, payload: Uint8Array): { header: MemberHeader; payload: Uint8Array } {
    return { header: this.#header(name, digestOf(payload), payload), payload }
  }

  #header(name: string, digest: string, payload?: Uint8Array): MemberHeader {
    const mtime = Math.floor(this.#parts.clock.now() / 1000)
    return { name, digest, mtime, size: payload?.length ?? 0 }
  }

  /** Runs one change at a time; the first failure that leaves the disk unknown ends all writing. */
  async #write(change: () => Promise<void>): Promise<void> {
    this.#checkWritable()
    await this.#mutex.run(async () => {
      this.#checkWritable()
      await change()
      if (this.#pending.size > pendingLimit) await this.#flush()
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

  #find(digests: readonly Digest[]): Map<Digest, IndexedPlace> {
    const unknown =
      this.#pending.size === 0 ? digests : digests.filter((d) => !this.#pending.get(d))
    const found = this.#index(() => this.#parts.index.find(unknown))
    if (unknown === digests) return found
    for (const digest of digests) {
      const place = this.#pending.get(digest)
      if (place !== undefined) found.set(digest, place)
    }
    return found
  }

  /** Makes items readable that still wait in a buffer. */
  async #flushFor(digests: readonly Digest[]): Promise<void> {
    if (this.#pending.size === 0) return
    const isBuffered = digests.some((digest) => {
      const place = this.#pending.get(digest)
      if (place === undefined) return false
      const { lane, number } = this.#table.get(place.segment)
      return this.#writers.get(lane)?.isBuffered(number, place.offset) === true
    })
    if (!isBuffered) return
    await this.#mutex.run(async () => {
      for (const writer of this.#writers.values()) await writer.flush()
    })
  }

  #segment(id: number) {
    return this.#table.get(id)
  }

  #index<T>(run: () => T): T {
    return indexError(this.#parts.indexPath, run)
  }
}

async function measure(source: NewStream): Promise<StoredItem> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of source.open()) {
    hash.update(chunk)
    size += chunk.length
  }
  return { digest: hash.digest('hex') as Digest, size }
}

/** The second reading of a stream; throws when it is not what the first one was. */
async function* sameBytes(source: NewStream, expected: StoredItem): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of source.open()) {
    hash.update(chunk)
    size += chunk.length
    if (size > expected.size) break
    yield chunk
  }
  if (size === expected.size && hash.digest('hex') === expected.digest) return
  throw new VarveError('IO_FAILED', {
    what: 'A file changed while it was being added.',
    next: 'Add it again when nothing writes to it.',
  })
}
