import { digestOf, VarveError } from '../../model/index.ts'
import type { SegmentStore } from '../../segments/index.ts'
import { Mutex } from '../../util/index.ts'
import type { CatalogOp } from '../types/catalog.ts'
import { CatalogDb } from './catalog-db.ts'
import {
  clearTables,
  openCatalogFile,
  readShape,
  readWatermark,
  recreate,
  writeWatermark,
  type Watermark,
} from './catalog-file.ts'
import { decodeRecord, encodeRecord } from './record.ts'
import type { Reducers } from './reducers.ts'

export interface CatalogOptions {
  readonly segments: SegmentStore
  readonly file: string
  readonly reducers: Reducers
  readonly readOnly: boolean
}

/** What work inside a transaction sees and does. */
export interface CatalogSession {
  /** Tables including what this transaction emitted so far. */
  readonly db: CatalogDb
  readonly ops: readonly CatalogOp[]
  emit(op: CatalogOp): void
}

/**
 * The event-sourced catalog: records in the `meta` lane are the truth, tables in SQLite their fold.
 *
 * A transaction applies its ops to the tables at once, inside an open SQLite transaction on a
 * connection of its own, so that it reads its own writes and nobody else does. It ends by making
 * one record durable and then committing: tables never run ahead of the records, and what they
 * lag behind after a crash is replayed.
 */
export class Catalog {
  /** Sees committed tables only (with an in-memory file both connections are one). */
  readonly reader: CatalogDb
  readonly #writer: CatalogDb
  readonly #options: CatalogOptions
  readonly #mutex = new Mutex()
  /** A record is durable that the tables do not hold yet. */
  #behind = false

  private constructor(options: CatalogOptions, writer: CatalogDb) {
    this.#options = options
    this.#writer = writer
    const alone = options.file === ':memory:' || options.readOnly
    this.reader = alone ? writer : new CatalogDb(options.file, { readOnly: true })
  }

  /** Opens the tables and folds in the records they lack. */
  static async open(options: CatalogOptions): Promise<Catalog> {
    if (options.readOnly) return new Catalog(options, await openReader(options))
    const catalog = new Catalog(options, openCatalogFile(options.file, options.reducers))
    try {
      await catalog.#catchUp()
    } catch (error) {
      catalog.close()
      throw error
    }
    return catalog
  }

  /**
   * Runs work as one transaction. `at` is the record's time. Resolves after the record is durable;
   * when `work` throws, nothing has happened.
   */
  async transact<T>(at: number, work: (session: CatalogSession) => Promise<T>): Promise<T> {
    if (this.#options.readOnly) {
      throw new VarveError('STORE_LOCKED', { what: 'The store is open for reading only.' })
    }
    return this.#mutex.run(async () => {
      if (this.#behind) await this.#catchUp()
      return this.#inTransaction(async () => {
        const ops: CatalogOp[] = []
        const db = this.#writer
        const emit = (op: CatalogOp) => {
          this.#options.reducers.apply(db, op, at)
          ops.push(op)
        }
        const result = await work({ db, ops, emit })
        if (ops.length > 0) await this.#append(encodeRecord({ at, ops }))
        return result
      })
    })
  }

  /** Runs while no transaction does. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.#mutex.run(work)
  }

  /** Empties the tables and folds every record again; readers see the old ones until it is done. */
  reindex(): Promise<number> {
    return this.#mutex.run(async () => replay(this.#writer, this.#options, { fromStart: true }))
  }

  /** The tables as the records alone give them: what the present ones are held against. */
  folded(): Promise<CatalogDb> {
    return foldInMemory(this.#options)
  }

  /** Changes whenever another connection committed something. */
  dataVersion(): number {
    return Number(this.reader.get('PRAGMA data_version')?.['data_version'] ?? 0)
  }

  close(): void {
    if (this.reader !== this.#writer) this.reader.close()
    this.#writer.close()
  }

  async #inTransaction<T>(work: () => Promise<T>): Promise<T> {
    this.#writer.exec('BEGIN IMMEDIATE')
    try {
      const result = await work()
      this.#writer.exec('COMMIT')
      this.#behind = false
      return result
    } catch (error) {
      this.#writer.rollback()
      throw error
    }
  }

  async #append(record: Uint8Array): Promise<number> {
    const { sequence } = await this.#options.segments.appendRecords([record])
    this.#behind = true
    writeWatermark(this.#writer, { sequence, record: digestOf(record) })
    return sequence
  }

  async #catchUp(): Promise<void> {
    const same = await sameHistory(this.#options.segments, readWatermark(this.#writer))
    await replay(this.#writer, this.#options, { fromStart: !same })
    this.#behind = false
  }
}

/** A reader cannot write the file; when the file is of no use it folds the records in memory. */
async function openReader(options: CatalogOptions): Promise<CatalogDb> {
  const db = openUsable(options)
  if (db !== undefined) return db
  return foldInMemory(options)
}

async function foldInMemory(options: CatalogOptions): Promise<CatalogDb> {
  const memory = new CatalogDb(':memory:')
  recreate(memory, options.reducers)
  await replay(memory, options, { fromStart: true })
  return memory
}

function openUsable({ file, reducers }: CatalogOptions): CatalogDb | undefined {
  let db: CatalogDb | undefined
  try {
    db = new CatalogDb(file, { readOnly: true })
    if (readShape(db) === reducers.shape) return db
  } catch (error) {
    if (error instanceof VarveError) throw error
  }
  db?.close()
  return undefined
}

async function replay(
  db: CatalogDb,
  { segments, reducers }: CatalogOptions,
  { fromStart }: { readonly fromStart: boolean },
): Promise<number> {
  let records = 0
  db.exec('BEGIN IMMEDIATE')
  try {
    if (fromStart) clearTables(db)
    const { sequence } = readWatermark(db)
    for await (const { at: position, bytes } of segments.records(
      sequence === 0 ? undefined : { sequence },
    )) {
      const record = decodeRecord(bytes)
      for (const op of record.ops) reducers.apply(db, op, record.at)
      writeWatermark(db, { sequence: position.sequence, record: digestOf(bytes) })
      records += 1
    }
    db.exec('COMMIT')
    return records
  } catch (error) {
    db.rollback()
    throw error
  }
}

/** Whether the last folded record is still the one the store holds at its place. */
async function sameHistory(segments: SegmentStore, watermark: Watermark): Promise<boolean> {
  if (watermark.sequence === 0) return true
  for await (const { at, bytes } of segments.records({ sequence: watermark.sequence - 1 })) {
    return at.sequence === watermark.sequence && digestOf(bytes) === watermark.record
  }
  return false
}
