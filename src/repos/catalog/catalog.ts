import { digestOf, VarveError } from '../../model/index.ts'
import type { NewCheckpoint, RecordOptions, RecordPosition } from '../../segments/index.ts'
import { Mutex } from '../../util/index.ts'
import type { CatalogOp } from '../types/catalog.ts'
import { CatalogDb } from './catalog-db.ts'
import type { CatalogOptions } from './catalog-options.ts'
import {
  isCatalogDamage,
  openCatalogFile,
  readWatermark,
  removeCatalogFile,
  writeWatermark,
} from './catalog-file.ts'
import { isWithin, planCheckpoint, usualPartBytes } from './checkpoint.ts'
import { foldApart, replay } from './fold.ts'
import { openForReading, type ReadableTables } from './open-for-reading.ts'
import { encodeRecord } from './record.ts'
import { changesLost, standingOf } from './standing.ts'

/** What work inside a transaction sees and does. */
export interface CatalogSession {
  /** Tables including what this transaction emitted so far. */
  readonly db: CatalogDb
  readonly ops: readonly CatalogOp[]
  emit(op: CatalogOp): void
}

/** A checkpoint and the tables it is made from. */
export interface OpenCheckpoint extends NewCheckpoint {
  close(): void
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
  #version = 0
  /** A reader whose file is of no use has the tables in memory and follows the records itself. */
  readonly #isCopy: boolean
  /** The last change a reader's file held, when no segment holds it any more. */
  readonly lost: number | undefined

  private constructor(options: CatalogOptions, tables: ReadableTables) {
    this.#options = options
    this.#writer = tables.db
    this.#isCopy = tables.isCopy
    this.lost = tables.lost
    const writer = tables.db
    const alone = options.file === ':memory:' || options.readOnly
    this.reader = alone ? writer : new CatalogDb(options.file, { readOnly: true })
    this.#version = dataVersion(this.reader)
  }

  /** Opens the tables and folds in the records they lack. */
  static async open(options: CatalogOptions): Promise<Catalog> {
    const { file, reducers, notice = () => {} } = options
    if (options.readOnly) return new Catalog(options, await openForReading(options))
    const db = openCatalogFile(file, reducers, notice)
    const catalog = new Catalog(options, { db, isCopy: false })
    try {
      await catalog.#catchUp()
      return catalog
    } catch (error) {
      catalog.close()
      if (!isCatalogDamage(error)) throw error
    }
    notice(`The catalog ${file} was damaged; it is rebuilt from the records, nothing is lost.`)
    removeCatalogFile(file)
    return Catalog.open({ ...options, notice: () => {} })
  }

  /**
   * Runs work as one transaction. `at` is the record's time. Resolves after the record is durable;
   * when `work` throws, nothing has happened.
   */
  async transact<T>(at: number, work: (session: CatalogSession) => Promise<T>): Promise<T> {
    this.checkWritable()
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

  /** @throws STORE_LOCKED when the store was opened for reading */
  checkWritable(): void {
    if (!this.#options.readOnly) return
    throw new VarveError('STORE_LOCKED', { what: 'The store is open for reading only.' })
  }

  /** Runs while no transaction does. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.#mutex.run(work)
  }

  /** Empties the tables and folds every record again; readers see the old ones until it is done. */
  reindex(): Promise<number> {
    return this.#mutex.run(async () => replay(this.#writer, this.#options, { fromStart: true }))
  }

  /** `reader` answers the same for as long as `work` takes, whatever a writer elsewhere commits. */
  snapshot<T>(work: () => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      this.reader.exec('BEGIN')
      try {
        return await work()
      } finally {
        this.reader.rollback()
      }
    })
  }

  /** The tables as the records alone give them: what those of `reader` are held against. */
  folded(options: RecordOptions): Promise<CatalogDb> {
    return foldApart(this.#options, { ...options, last: readWatermark(this.reader).sequence })
  }

  /**
   * Records from which everything before them can be told anew; undefined where they would take
   * more than so many bytes. Close it when done.
   */
  async planCheckpoint(at: number, mostBytes: number): Promise<OpenCheckpoint | undefined> {
    const { reducers, checkpointPartBytes: partBytes = usualPartBytes } = this.#options
    const source = { reducers, at, partBytes }
    // Folding takes long, and the tables at hand tell how much it would come to.
    if (!isWithin(mostBytes, { reducers, tables: this.reader })) return undefined
    // From the records, not those tables: what is wrong with a cache must not become the truth.
    const tables = await foldApart(this.#options)
    try {
      const plan = planCheckpoint({ ...source, tables })
      return { ...plan, onWritten: (...to) => this.#passOver(...to), close: () => tables.close() }
    } catch (error) {
      tables.close()
      throw error
    }
  }

  /** A record of a checkpoint says what the tables hold already. */
  #passOver({ sequence }: RecordPosition, record: Uint8Array): void {
    writeWatermark(this.#writer, { sequence, record: digestOf(record) })
  }

  /** Whether anything changed since it was opened or last asked, here or in another process. */
  async refresh(): Promise<boolean> {
    if (this.#isCopy) {
      const passOver = { fromStart: false, onDamage: () => {} }
      return (await replay(this.#writer, this.#options, passOver)) > 0
    }
    const version = dataVersion(this.reader)
    const changed = version !== this.#version
    this.#version = version
    return changed
  }

  close(): void {
    if (this.reader !== this.#writer) this.reader.close()
    this.#writer.close()
  }

  async #inTransaction<T>(work: () => Promise<T>): Promise<T> {
    this.#writer.exec('BEGIN IMMEDIATE')
    let result: T
    try {
      result = await work()
    } catch (error) {
      this.#writer.rollback()
      throw error
    }
    await this.#commit()
    return result
  }

  /** Once the record is durable the change has happened: where SQLite fails, it is folded again. */
  async #commit(): Promise<void> {
    try {
      this.#writer.exec('COMMIT')
      this.#behind = false
    } catch (error) {
      this.#writer.rollback()
      if (!this.#behind) throw error
      await this.#catchUp().catch((cause: unknown) => {
        throw new VarveError('IO_FAILED', {
          what: 'The change is stored, but the catalog file could not take it.',
          next: 'Do not repeat it; open the store again once the disk is well.',
          data: { stored: true },
          cause,
        })
      })
    }
  }

  async #append(record: Uint8Array): Promise<number> {
    const { sequence } = await this.#options.segments.appendRecords([record])
    this.#behind = true
    writeWatermark(this.#writer, { sequence, record: digestOf(record) })
    return sequence
  }

  async #catchUp(): Promise<void> {
    const watermark = readWatermark(this.#writer)
    const standing = await standingOf(this.#options.segments, watermark)
    if (standing === 'ahead') this.#options.notice?.(changesLost(watermark.sequence))
    const fromStart = standing === 'ahead' || standing === 'other'
    await replay(this.#writer, this.#options, { fromStart })
    this.#behind = false
  }
}

/** Another number after each commit of another connection. */
function dataVersion(db: CatalogDb): number {
  return Number(db.get('PRAGMA data_version')?.['data_version'] ?? 0)
}
