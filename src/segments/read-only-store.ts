import type { DatabaseSync } from 'node:sqlite'
import type { Digest } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import { indexError } from './index-error.ts'
import type { CompactOptions, CompactReport } from './compaction.ts'
import type { LaneItem } from './lane-reader.ts'
import type { RecordPosition } from './record-position.ts'
import type { StoreParts } from './segment-store.ts'
import { StoreReader } from './store-reader.ts'
import type { ItemLocation, ReadOptions, RecordOptions, SegmentStore } from './types.ts'
import type { VerifyOptions, VerifyReport } from './verify.ts'

/** The store of somebody who only reads, which most commands do: the writing half is not loaded. */
export class ReadOnlyStore implements SegmentStore {
  readonly #parts: StoreParts
  readonly #reader: StoreReader
  #isClosed = false

  constructor(parts: StoreParts) {
    this.#parts = parts
    const { index, indexPath } = parts
    const find = (digests: readonly Digest[]) => indexError(indexPath, () => index.find(digests))
    this.#reader = new StoreReader(parts, find)
  }

  get database(): DatabaseSync {
    return this.#parts.index.database
  }

  records(
    after?: RecordPosition,
    options?: RecordOptions,
  ): AsyncIterable<{ at: RecordPosition; bytes: Uint8Array }> {
    return this.#reader.records(after, options)
  }

  recordBytes(): number {
    const { index, indexPath } = this.#parts
    return indexError(indexPath, () => index.recordBytes())
  }

  async has(digests: readonly Digest[]): Promise<readonly boolean[]> {
    return this.#reader.has(digests)
  }

  async locate(digests: readonly Digest[]): Promise<readonly (ItemLocation | undefined)[]> {
    return this.#reader.locate(digests)
  }

  read(digests: readonly Digest[], options?: ReadOptions): Promise<readonly Uint8Array[]> {
    return this.#reader.read(digests, options)
  }

  stream(digest: Digest, start?: number, end?: number): AsyncIterable<Uint8Array> {
    return this.#reader.stream(digest, start, end)
  }

  async *readLane(lane: string): AsyncIterable<readonly LaneItem[]> {
    const { readLane } = await import('./lane-reader.ts')
    yield* readLane(this.#parts.objects, lane)
  }

  /** Only a dry run, which looks and changes nothing. */
  async compact(options: CompactOptions): Promise<CompactReport> {
    if (!options.dryRun) return refuse()
    const { OpenSegmentStore } = await import('./segment-store.ts')
    return new OpenSegmentStore(this.#parts).compact(options)
  }

  async verify(options: VerifyOptions): Promise<VerifyReport> {
    const { verifySegments } = await import('./verify.ts')
    return verifySegments(this.#parts, options)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      await this.#parts.objects.close()
    } finally {
      this.#parts.index.close()
    }
  }

  addItems = refuse
  addStream = refuse
  addNodes = refuse
  sync = refuse
  appendRecords = refuse
}

/** Whoever offers writing has looked whether the store is open for it. */
async function refuse(): Promise<never> {
  invariant(false, 'the store is open for reading only')
}
