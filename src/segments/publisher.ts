import { digestOf, type Digest } from '../model/index.ts'
import { invariant, type Clock } from '../util/index.ts'
import { encodeClaim, type Claim } from './claim.ts'
import type { NewCheckpoint } from './compaction.ts'
import { indexError } from './index-error.ts'
import type { IndexedPlace, IndexedRecord, ItemIndex } from './item-index.ts'
import type { Placement } from './lane-writer.ts'
import type { LaneWriters } from './lane-writers.ts'
import { claimName, metaLane, recordName } from './member-name.ts'
import type { PendingItems } from './pending-items.ts'
import type { RecordPosition } from './record-position.ts'
import type { SegmentTable } from './segment-table.ts'
import { memberLength, type MemberHeader } from './tar/write-header.ts'
import type { ApplyRecords } from './types.ts'
import type { WriteGate } from './write-gate.ts'

export interface PublisherParts {
  readonly index: ItemIndex
  readonly indexPath: string
  readonly table: SegmentTable
  readonly clock: Clock
  readonly writers: LaneWriters
  readonly pending: PendingItems
  readonly gate: WriteGate
}

interface RecordRequest {
  readonly records: readonly Uint8Array[]
  readonly apply: ApplyRecords | undefined
  outcome?: { readonly at: RecordPosition } | { readonly error: unknown }
}

/**
 * Makes what was written durable in the promised order (items, nodes, claim, records, index) and
 * publishes it to the index. All but `append` runs inside the gate, where nothing else writes.
 */
export class Publisher {
  readonly #parts: PublisherParts
  #requests: RecordRequest[] = []
  #sequence: number
  /** The first record there is; those before it went with a checkpoint. */
  #first: number

  constructor(parts: PublisherParts) {
    this.#parts = parts
    this.#sequence = parts.index.lastSequence()
    this.#first = parts.index.firstSequence()
  }

  /** Sequence of the last record. */
  get sequence(): number {
    return this.#sequence
  }

  get firstRecord(): number {
    return this.#first
  }

  /** Appends records together with those of everybody who waits; resolves when they are published. */
  async append(
    records: readonly Uint8Array[],
    apply: ApplyRecords | undefined,
  ): Promise<RecordPosition> {
    const { gate } = this.#parts
    gate.check()
    const request: RecordRequest = { records, apply }
    this.#requests.push(request)
    await gate.run(async () => {
      if (request.outcome === undefined) await this.flush()
    })
    const { outcome } = request
    invariant(outcome !== undefined, 'a flush leaves no request unanswered')
    if ('error' in outcome) throw outcome.error
    return outcome.at
  }

  /** Makes everything durable and answers every waiting request. */
  async flush(): Promise<void> {
    const { writers, gate } = this.#parts
    const requests = this.#requests.splice(0)
    try {
      await writers.flush()
      await gate.final(() => writers.syncItems())
      const records = requests.length > 0 ? await this.#writeRecords(requests) : []
      await gate.final(async () => {
        await writers.syncMeta()
        this.#publish(records, requests)
      })
    } catch (error) {
      for (const request of requests) request.outcome = { error }
      throw error
    }
  }

  /** Notes where an item was written; it is published with the next flush. */
  place(digest: Digest, length: number, { segment, offset }: Placement): IndexedPlace {
    const { table, pending } = this.#parts
    const place = { segment: table.row(segment).id, offset, length }
    pending.set(digest, place)
    return place
  }

  /** In a segment of its own, which compaction then has no reason to copy. */
  async writeCheckpoint({ records, onWritten }: NewCheckpoint): Promise<void> {
    const writer = await this.#parts.writers.get(metaLane)
    if (writer.durableSize > 0) await writer.roll()
    for (const record of records) {
      this.#requests.push({ records: [record, record], apply: undefined })
      await this.flush()
      onWritten({ sequence: this.#sequence }, record)
    }
  }

  /** Makes copies durable and publishes their places. */
  async publishMoved(records: readonly IndexedRecord[]): Promise<void> {
    const { writers, gate } = this.#parts
    await writers.flush()
    await gate.final(async () => {
      await writers.syncItems()
      await writers.syncMeta()
      this.#publish(records, [])
    })
  }

  /** Appends a claim without records, durably. */
  async claim(claim: Claim): Promise<void> {
    const { writers, table, gate } = this.#parts
    const writer = await writers.get(metaLane)
    await writer.putTogether([this.#member(claimName(this.#sequence + 1), encodeClaim(claim))])
    await gate.final(() => writer.sync())
    table.applyClaim(claim)
  }

  /** Forgets dropped segments, and the records that a checkpoint has replaced. */
  async forget(segments: readonly number[], firstRecord: number): Promise<void> {
    const { index, table, writers, gate } = this.#parts
    await gate.final(async () => {
      writers.noteDurable()
      this.#transaction(() => {
        index.forgetSegments(segments)
        index.forgetRecords(firstRecord)
        index.putSegments(table.changes())
      })
      table.markWritten()
      this.#first = firstRecord
    })
  }

  /**
   * One claim and then the records, in one append behind the nodes they name. Recovery reads this
   * lane in order and stops at the first broken member, so one fsync covers nodes and records.
   */
  async #writeRecords(requests: readonly RecordRequest[]): Promise<IndexedRecord[]> {
    const { writers, table } = this.#parts
    const writer = await writers.get(metaLane)
    const payloads = requests.flatMap(({ records }) => records)
    const first = this.#sequence + 1
    const claim = { durable: this.#unclaimed(), dropped: [], lost: [], first: this.#first }
    const members = [
      this.#member(claimName(first), encodeClaim(claim)),
      ...payloads.map((payload, i) => this.#member(recordName(first + i), payload)),
    ]
    const places = await writer.putTogether(members)
    table.applyClaim(claim)
    return places.slice(1).map(({ segment, offset }, i) => ({
      sequence: first + i,
      segment: table.row(segment).id,
      offset,
      length: payloads[i]?.length ?? 0,
    }))
  }

  /** Durable sizes that no claim in the meta lane tells of yet. */
  #unclaimed() {
    const { writers, table } = this.#parts
    writers.noteDurable()
    const rows = table.all().filter((row) => row.state !== 'dropped' && row.indexed > row.claimed)
    return rows.map((row) => ({ segment: row, size: row.indexed }))
  }

  #publish(records: readonly IndexedRecord[], requests: readonly RecordRequest[]): void {
    const { index, table, writers, pending } = this.#parts
    writers.noteDurable()
    let sequence = this.#sequence
    this.#transaction(() => {
      index.insertItems(pending.list())
      index.insertRecords(records)
      index.putSegments(table.changes())
      for (const request of requests) {
        sequence += request.records.length
        request.apply?.(index.database, { sequence })
        request.outcome = { at: { sequence } }
      }
    })
    this.#sequence = sequence
    table.markWritten()
    pending.clear()
  }

  #transaction(change: () => void): void {
    const { index, indexPath } = this.#parts
    indexError(indexPath, () => index.transaction(change))
  }

  #member(name: string, payload: Uint8Array): { header: MemberHeader; payload: Uint8Array } {
    const mtime = Math.floor(this.#parts.clock.now() / 1000)
    return { header: { name, digest: digestOf(payload), mtime, size: payload.length }, payload }
  }
}

/** What a checkpoint takes in segments. */
export function checkpointBytes({ sizes }: NewCheckpoint): number {
  return 2 * sizes.reduce((sum, size) => sum + memberLength(size), 0)
}
