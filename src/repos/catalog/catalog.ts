import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf, isVarveError, VarveError } from '../../model/index.ts'
import type { RecordPosition, SegmentStore } from '../../segments/index.ts'
import { Mutex } from '../../util/index.ts'
import type { CatalogOp } from '../types/catalog.ts'
import { CatalogDb } from './catalog-db.ts'
import {
  clearTables,
  openCatalogFile,
  readShape,
  readWatermark,
  recreate,
  removeCatalogFile,
  writeWatermark,
  type Watermark,
} from './catalog-file.ts'
import { decodeRecord, encodeRecord } from './record.ts'
import { makeCheckpoint } from './checkpoint.ts'
import { checkpointOp, type Reducers } from './reducers.ts'

export interface CatalogOptions {
  readonly segments: SegmentStore
  readonly file: string
  readonly reducers: Reducers
  readonly readOnly: boolean
  /** Hears what was mended without being asked, in a sentence. */
  readonly notice?: (what: string) => void
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
  #version = 0
  /** A reader whose file is of no use has the tables in memory and follows the records itself. */
  readonly #isCopy: boolean

  private constructor(options: CatalogOptions, writer: CatalogDb, isCopy = false) {
    this.#options = options
    this.#writer = writer
    this.#isCopy = isCopy
    const alone = options.file === ':memory:' || options.readOnly
    this.reader = alone ? writer : new CatalogDb(options.file, { readOnly: true })
    this.#version = dataVersion(this.reader)
  }

  /** Opens the tables and folds in the records they lack. */
  static async open(options: CatalogOptions): Promise<Catalog> {
    const { file, reducers, notice = () => {} } = options
    if (options.readOnly) {
      const inFile = await openUsable(options)
      return inFile === undefined
        ? new Catalog(options, await foldInMemory(options), true)
        : new Catalog(options, inFile)
    }
    const catalog = new Catalog(options, openCatalogFile(file, reducers, notice))
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
  folded(): Promise<CatalogDb> {
    return foldInMemory(this.#options, readWatermark(this.reader).sequence)
  }

  /** A record from which everything before it can be told anew; undefined when it is too large. */
  async makeCheckpoint(at: number): Promise<Uint8Array | undefined> {
    // From the records, not the tables: what is wrong with a cache must not become the truth.
    const tables = await foldInMemory(this.#options)
    try {
      return makeCheckpoint(this.#options.reducers, tables, at)
    } finally {
      tables.close()
    }
  }

  /** Notes that records up to a checkpoint are folded: they say what the tables hold already. */
  checkpointWritten({ sequence }: RecordPosition, record: Uint8Array): void {
    writeWatermark(this.#writer, { sequence, record: digestOf(record) })
  }

  /** Whether anything changed since it was opened or last asked, here or in another process. */
  async refresh(): Promise<boolean> {
    if (this.#isCopy) return (await replay(this.#writer, this.#options, { fromStart: false })) > 0
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
    const same = await sameHistory(this.#options.segments, readWatermark(this.#writer))
    await replay(this.#writer, this.#options, { fromStart: !same })
    this.#behind = false
  }
}

/** Another number after each commit of another connection. */
function dataVersion(db: CatalogDb): number {
  return Number(db.get('PRAGMA data_version')?.['data_version'] ?? 0)
}

/** Folds the records up to one; all of them when none is named. */
async function foldInMemory(options: CatalogOptions, last?: number): Promise<CatalogDb> {
  const memory = new CatalogDb(':memory:')
  recreate(memory, options.reducers)
  await replay(memory, options, { fromStart: true, ...(last === undefined ? {} : { last }) })
  return memory
}

/**
 * The file, when a reader, who cannot mend it, may rely on it: whole, of our shape, and holding
 * every record. A writer at work commits to it a moment after its record, so it gets that moment.
 */
async function openUsable(options: CatalogOptions): Promise<CatalogDb | undefined> {
  const { file, reducers, segments, notice } = options
  let db: CatalogDb | undefined
  try {
    db = new CatalogDb(file, { readOnly: true })
    for (let looks = 0; readShape(db) === reducers.shape && looks < 4; looks += 1) {
      if (looks > 0) await sleep(20)
      if (await isInStep(segments, readWatermark(db))) return db
    }
  } catch (error) {
    if (isVarveError(error, 'FORMAT_TOO_NEW')) throw error
    if (isCatalogDamage(error)) notice?.(`The catalog ${file} is damaged; it is read anew.`)
    else if (error instanceof VarveError && !isVarveError(error, 'IO_FAILED')) throw error
  }
  db?.close()
  return undefined
}

function isCatalogDamage(error: unknown): boolean {
  return isVarveError(error, 'STORE_DAMAGED') && error.data['part'] === 'catalog'
}

async function replay(
  db: CatalogDb,
  { segments, reducers }: CatalogOptions,
  { fromStart, last: end = Infinity }: { readonly fromStart: boolean; readonly last?: number },
): Promise<number> {
  let records = 0
  db.exec('BEGIN IMMEDIATE')
  try {
    if (fromStart) clearTables(db)
    const { sequence, record: folded } = readWatermark(db)
    let last = folded
    for await (const { at: position, bytes } of segments.records(
      sequence === 0 ? undefined : { sequence },
    )) {
      if (position.sequence > end) break
      last = fold(db, reducers, { bytes, last })
      writeWatermark(db, { sequence: position.sequence, record: last })
      records += 1
    }
    db.exec('COMMIT')
    return records
  } catch (error) {
    db.rollback()
    throw error
  }
}

/** Applies one record; answers its digest. */
function fold(
  db: CatalogDb,
  reducers: Reducers,
  { bytes, last }: { readonly bytes: Uint8Array; readonly last: string },
): string {
  const digest = digestOf(bytes)
  const { at, ops } = decodeRecord(bytes)
  // A checkpoint is written twice, and its second copy says nothing new.
  if (digest === last && ops[0]?.op === checkpointOp) return digest
  for (const op of ops) reducers.apply(db, op, at)
  return digest
}

/** Whether the tables hold every record there is, and no other. */
async function isInStep(segments: SegmentStore, watermark: Watermark): Promise<boolean> {
  if (!(await sameHistory(segments, watermark))) return false
  for await (const _ of segments.records({ sequence: watermark.sequence })) return false
  return true
}

/** Whether the last folded record is still the one the store holds at its place. */
async function sameHistory(segments: SegmentStore, watermark: Watermark): Promise<boolean> {
  if (watermark.sequence === 0) return true
  for await (const { at, bytes } of segments.records({ sequence: watermark.sequence - 1 })) {
    return at.sequence === watermark.sequence && digestOf(bytes) === watermark.record
  }
  return false
}
