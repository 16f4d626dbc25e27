import type { DatabaseSync } from 'node:sqlite'
import type { Digest } from '../model/index.ts'
import type { Memory } from '../storage/index.ts'
import type { CompactOptions, CompactReport } from './compaction.ts'
import type { LaneItem } from './lane-reader.ts'
import type { VerifyOptions, VerifyReport } from './verify.ts'
import type { RecordPosition } from './record-position.ts'

/** Bytes to store as one item. */
export interface NewItem {
  readonly bytes: Uint8Array
  /** Extension of the TAR member (no dot), from the file's own name; `bin` when left out. */
  readonly extension?: string
  /**
   * Calls the TAR member `<key>.<extension>` instead of by the item's digest; at most 80 characters
   * of `0-9A-Za-z_-`, and no digest but that of the sample's first item. Items of one call with
   * equal keys side by side are one sample, and the first of them leads it. When the leader is new
   * the whole sample is written, side by side in one segment, parts the store already held (equal
   * captions) too. When the leader is stored already, only new parts are written, under names that
   * readers of samples pass over.
   */
  readonly key?: string
  /** SHA-256 of the bytes, where the caller has just computed it: it is not computed again. */
  readonly digest?: Digest
}

/** A large item: read twice, first to name it, then to store it, so it never has to fit in memory. */
export interface NewStream {
  readonly open: () => AsyncIterable<Uint8Array>
  readonly extension?: string
}

export interface ReadOptions {
  /** Take the bytes as they lie there: for those who wrote them a moment ago. */
  readonly unchecked?: boolean
  /** Where to put them, when not in memory of their own. */
  readonly memory?: Memory
}

/** A record that the index knows and that cannot be read. */
export interface DamagedRecord {
  readonly sequence: number
  /** Key of the segment it lay in. */
  readonly segment: string
  /** Where its header starts. */
  readonly offset: number
  readonly what: string
}

export interface RecordOptions {
  /** Hears of records that cannot be read, which are passed over; without it they throw. */
  readonly onDamage?: (damaged: DamagedRecord) => void
}

export interface StoredItem {
  readonly digest: Digest
  readonly size: number
}

export interface ItemLocation {
  readonly lane: string
  readonly segment: number
  /** Where the payload starts, in bytes from the start of the segment. */
  readonly offset: number
  readonly length: number
}

/** Runs inside the index transaction that acknowledges a record; `at` is the last record of the call. */
export type ApplyRecords = (database: DatabaseSync, at: RecordPosition) => void

/**
 * All bytes of a store. Adding is buffered: an added item can be read at once through the same
 * object, and survives a crash only after `sync` resolved. One writer (it holds the lock); any
 * number of readers in other processes.
 */
export interface SegmentStore {
  /**
   * The index file. Other rooms keep tables of their own in it, filled only from records, because
   * the file may be deleted and rebuilt at any time. Its tables `items`, `segments` and `records`
   * belong to this room.
   */
  readonly database: DatabaseSync
  /** Adds items; those already stored anywhere are not written again. Answers in order. */
  addItems(lane: string, items: readonly NewItem[]): Promise<readonly StoredItem[]>
  addStream(lane: string, source: NewStream): Promise<StoredItem>
  /** Adds tree nodes to the `meta` lane; they are items like any other and read back the same way. */
  addNodes(nodes: ReadonlyMap<Digest, Uint8Array>): Promise<void>
  /** Makes all that was added to every lane durable, then publishes it to the index in one transaction. */
  sync(): Promise<void>
  /**
   * Appends store records to the `meta` lane after making everything before them durable, and
   * resolves when they are durable themselves: the point where a change counts as acknowledged.
   * `apply` runs in the same index transaction, after the fsync, so that tables folded from the
   * records never run ahead of them. Callers at the same time share the fsyncs and the transaction.
   */
  appendRecords(records: readonly Uint8Array[], apply?: ApplyRecords): Promise<RecordPosition>
  /**
   * Records after a position (all of them when undefined), in the order they were appended;
   * `STORE_DAMAGED`.
   */
  records(
    after?: RecordPosition,
    options?: RecordOptions,
  ): AsyncIterable<{ readonly at: RecordPosition; readonly bytes: Uint8Array }>
  /** What all records take in the segments, headers and padding included. */
  recordBytes(): number
  has(digests: readonly Digest[]): Promise<readonly boolean[]>
  locate(digests: readonly Digest[]): Promise<readonly (ItemLocation | undefined)[]>
  /** Whole items in the order asked, each checked against its digest; `ITEM_MISSING`, `STORE_DAMAGED`. */
  read(digests: readonly Digest[], options?: ReadOptions): Promise<readonly Uint8Array[]>
  /** One item in chunks, checked at the end when read whole. */
  stream(digest: Digest, start?: number, end?: number): AsyncIterable<Uint8Array>
  /**
   * Every synced item of a lane in the order it was added, in batches, at about the speed of the
   * disk. Payloads are not compared with their digest, and are valid until the next batch.
   */
  readLane(lane: string): AsyncIterable<readonly LaneItem[]>
  /**
   * Frees what nothing names any more. The caller makes sure that nothing is being added meanwhile
   * that it does not count as live. Safe to kill at any instant.
   */
  compact(options: CompactOptions): Promise<CompactReport>
  /** Checks every segment against itself and the index; changes nothing. */
  verify(options: VerifyOptions): Promise<VerifyReport>
  close(): Promise<void>
}
