import { digestOf } from '../../model/index.ts'
import type { CatalogDb } from './catalog-db.ts'
import { readWatermark, type Watermark } from './catalog-file.ts'
import { checkpointOp, isCheckpointPart, type CheckpointPart } from './checkpoint-op.ts'
import { decodeRecord, type CatalogRecord } from './record.ts'
import type { Reducers } from './reducers.ts'
import { emptyTables } from './tables.ts'

/**
 * `on trial`: what its parts change is undone unless the last of them comes. `relied on`: nothing
 * was folded before it, because what came before went for it, so what can be read of it counts.
 */
type OpenCheckpoint = 'on trial' | 'relied on'

/**
 * Applies records to tables one after the other, inside a transaction of the caller's. Between two
 * calls the tables may hold half a checkpoint; `end` leaves them whole.
 */
export class RecordFold {
  readonly #db: CatalogDb
  readonly #reducers: Reducers
  #at: Watermark
  #open: OpenCheckpoint | undefined
  #lastIsCheckpoint = false

  /** `at` is what the tables hold; by default what they say of themselves. */
  constructor(db: CatalogDb, reducers: Reducers, at: Watermark = readWatermark(db)) {
    this.#db = db
    this.#reducers = reducers
    this.#at = at
  }

  /** Whether the tables are of some moment, or would be after `end`. */
  get isWhole(): boolean {
    return this.#open !== 'relied on'
  }

  add(bytes: Uint8Array, sequence: number): void {
    const digest = digestOf(bytes)
    // A checkpoint is written twice, and its second copy says nothing new.
    const isCopy = this.#lastIsCheckpoint && digest === this.#at.record
    if (!isCopy) this.#fold(decodeRecord(bytes))
    this.#at = { sequence, record: digest }
  }

  /** Answers how far the tables are folded. */
  end(): Watermark {
    this.#leave()
    return this.#at
  }

  #fold(record: CatalogRecord): void {
    const [head] = record.ops
    this.#lastIsCheckpoint = head?.op === checkpointOp || isCheckpointPart(head)
    if (isCheckpointPart(head)) return this.#foldPart(head, record)
    this.#leave()
    this.#apply(record)
  }

  /** A part that does not follow the one before it says nothing, where other records said it all. */
  #foldPart(head: CheckpointPart, { at, ops }: CatalogRecord): void {
    const isFirst = head.after === null || this.#at.sequence === 0
    if (isFirst) this.#begin()
    else if (this.#open === 'on trial' && head.after !== this.#at.record) this.#leave()
    if (this.#open === undefined) return
    this.#apply({ at, ops: ops.slice(1) })
    if (head.last) this.#keep()
  }

  #begin(): void {
    this.#leave()
    this.#open = this.#at.sequence === 0 ? 'relied on' : 'on trial'
    this.#db.exec('SAVEPOINT checkpoint')
    emptyTables(this.#db)
  }

  #leave(): void {
    if (this.#open === 'on trial') this.#db.exec('ROLLBACK TO checkpoint')
    this.#keep()
  }

  #keep(): void {
    if (this.#open !== undefined) this.#db.exec('RELEASE checkpoint')
    this.#open = undefined
  }

  #apply({ at, ops }: CatalogRecord): void {
    for (const op of ops) this.#reducers.apply(this.#db, op, at)
  }
}
