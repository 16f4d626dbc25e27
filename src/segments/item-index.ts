import { pathToFileURL } from 'node:url'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { digestFromBytes, digestToBytes, VarveError, type Digest } from '../model/index.ts'
import { indexError } from './index-error.ts'

/** Version of the tables below, kept in `user_version`. */
export const indexVersion = 1

const schema = `
  CREATE TABLE segments (
    id INTEGER PRIMARY KEY, lane TEXT NOT NULL, number INTEGER NOT NULL,
    indexed INTEGER NOT NULL, claimed INTEGER NOT NULL, state TEXT NOT NULL,
    UNIQUE (lane, number));
  CREATE TABLE items (
    digest BLOB PRIMARY KEY, segment INTEGER NOT NULL,
    offset INTEGER NOT NULL, length INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE records (
    sequence INTEGER PRIMARY KEY, segment INTEGER NOT NULL,
    offset INTEGER NOT NULL, length INTEGER NOT NULL);
  PRAGMA user_version = ${indexVersion};`

/** Where bytes lie; `segment` is the row id in `segments`. */
export interface IndexedPlace {
  readonly segment: number
  readonly offset: number
  readonly length: number
}

export interface IndexedItem extends IndexedPlace {
  readonly digest: Digest
}

/** A record; one that is lost for good has the length -1. */
export interface IndexedRecord extends IndexedPlace {
  readonly sequence: number
}

export type SegmentState = 'open' | 'sealed' | 'dropped'

export interface SegmentRow {
  readonly id: number
  readonly lane: string
  readonly number: number
  /** Bytes from the start whose members are in the index; all of them are durable. */
  readonly indexed: number
  /** Bytes a claim in the `meta` lane says are durable. */
  readonly claimed: number
  /** `sealed` takes no more members; `dropped` was replaced by compaction, and its file removed. */
  readonly state: SegmentState
}

/** Lookups bind this many digests at once; a short batch repeats its last one. */
const lookupSizes = [256, 16, 1] as const
const insertRows = 16

type LookupRow = readonly [digest: Uint8Array, segment: number, offset: number, length: number]

/** The SQLite side: where each item and record lies. A cache, rebuilt from the segments. */
export class ItemIndex {
  readonly database: DatabaseSync
  readonly path: string
  readonly #lookups = new Map<number, StatementSync>()
  /** Saves a writer's lookups in a new store. Only it may rely on this: nobody else adds items. */
  #isEmpty = false

  private constructor(database: DatabaseSync, path: string) {
    this.database = database
    this.path = path
  }

  /** Opens or creates; `FORMAT_TOO_NEW`, or `STORE_DAMAGED` when the file is no index. */
  static open(path: string, mode: 'read' | 'write'): ItemIndex {
    return indexError(path, () => {
      const database = new DatabaseSync(path, { readOnly: mode === 'read', timeout: 5000 })
      try {
        prepare(database, path, mode)
        const index = new ItemIndex(database, path)
        index.#isEmpty = mode === 'write' && index.#hasNoItems()
        return index
      } catch (error) {
        database.close()
        throw error
      }
    })
  }

  /** The tables of an index file, in memory: they can be brought up to date without touching it. */
  static copyInMemory(path: string): ItemIndex {
    const index = ItemIndex.open(':memory:', 'write')
    const { database } = index
    indexError(path, () => {
      database.prepare('ATTACH ? AS file').run(`${pathToFileURL(path).href}?mode=ro`)
      for (const table of ['segments', 'items', 'records']) {
        database.exec(`INSERT INTO ${table} SELECT * FROM file.${table}`)
      }
      database.exec('DETACH file')
    })
    index.#isEmpty = false
    return index
  }

  #hasNoItems(): boolean {
    return this.database.prepare('SELECT 1 FROM items LIMIT 1').get() === undefined
  }

  segments(): SegmentRow[] {
    const rows = this.database.prepare('SELECT * FROM segments ORDER BY lane, number').all()
    return rows.map((row) => ({
      id: Number(row['id']),
      lane: String(row['lane']),
      number: Number(row['number']),
      indexed: Number(row['indexed']),
      claimed: Number(row['claimed']),
      state: row['state'] as SegmentState,
    }))
  }

  lastSequence(): number {
    const row = this.database.prepare('SELECT max(sequence) AS last FROM records').get()
    return Number(row?.['last'] ?? 0)
  }

  /** The record everything before which was dropped; 1 when none was. */
  firstSequence(): number {
    const row = this.database.prepare('SELECT min(sequence) AS first FROM records').get()
    return Number(row?.['first'] ?? 1)
  }

  /** Sequence numbers of the records that `repair` gave up. */
  lostRecords(): number[] {
    const rows = this.database.prepare('SELECT sequence FROM records WHERE length < 0').all()
    return rows.map((row) => Number(row['sequence']))
  }

  /** Sequence numbers of the records that can be read. */
  sequences(): number[] {
    const rows = this.database
      .prepare('SELECT sequence FROM records WHERE length >= 0 ORDER BY sequence')
      .all()
    return rows.map((row) => Number(row['sequence']))
  }

  /** Sequence numbers between `first` and the last one that no record has. */
  missingRecords(first: number): number[] {
    const rows = this.database.prepare('SELECT sequence FROM records ORDER BY sequence').all()
    const missing: number[] = []
    let next = first
    for (const row of rows) {
      for (; next < Number(row['sequence']); next++) missing.push(next)
      next++
    }
    return missing
  }

  /** Up to `limit` records after a sequence number, in order. */
  records(after: number, limit: number): IndexedRecord[] {
    const rows = this.database
      .prepare('SELECT * FROM records WHERE sequence > ? AND length >= 0 ORDER BY sequence LIMIT ?')
      .all(after, limit)
    return rows.map((row) => ({ sequence: Number(row['sequence']), ...placeOf(row) }))
  }

  /** Where some records lie, by their sequence numbers. */
  recordsAt(sequences: readonly number[]): Map<number, IndexedPlace> {
    if (sequences.length === 0) return new Map()
    const [first, last] = [Math.min(...sequences), Math.max(...sequences)]
    const rows = this.database
      .prepare('SELECT * FROM records WHERE sequence BETWEEN ? AND ?')
      .all(first, last)
    return new Map(rows.map((row) => [Number(row['sequence']), placeOf(row)]))
  }

  /** What all records take in segments, headers and padding included. */
  recordBytes(): number {
    const row = this.database
      .prepare(
        'SELECT sum(512 + (length + 511) / 512 * 512) AS bytes FROM records WHERE length >= 0',
      )
      .get()
    return Number(row?.['bytes'] ?? 0)
  }

  /** Forgets the records before one, which a checkpoint replaced. */
  forgetRecords(before: number): void {
    this.database.prepare('DELETE FROM records WHERE sequence < ?').run(before)
  }

  /** The digests that are known, with their places. */
  find(digests: readonly Digest[]): Map<Digest, IndexedPlace> {
    const found = new Map<Digest, IndexedPlace>()
    if (this.#isEmpty) return found
    for (let done = 0; done < digests.length;) {
      const left = digests.length - done
      const size = lookupSizes.find((size) => size <= left) ?? 1
      const wanted = digests.slice(done, done + size).map(digestToBytes)
      for (const row of this.#lookup(size).all(...wanted)) {
        const [digest, segment, offset, length] = row as unknown as LookupRow
        found.set(digestFromBytes(digest), { segment, offset, length })
      }
      done += size
    }
    return found
  }

  /** The segments, and how many items lie in each, by its id: both of one moment. */
  census(): { readonly segments: readonly SegmentRow[]; readonly items: Map<number, number> } {
    this.database.exec('BEGIN')
    try {
      const counts = this.database
        .prepare('SELECT segment, count(*) AS count FROM items GROUP BY segment')
        .all()
      const items = counts.map(({ segment, count }) => [Number(segment), Number(count)] as const)
      return { segments: this.segments(), items: new Map(items) }
    } finally {
      this.database.exec('ROLLBACK')
    }
  }

  /** How many items of a segment end behind an offset; reads the whole table. */
  countFrom(segment: number, from: number): number {
    const row = this.database
      .prepare('SELECT count(*) AS count FROM items WHERE segment = ? AND offset + length > ?')
      .get(segment, from)
    return Number(row?.['count'] ?? 0)
  }

  /** The first items of a segment that end behind an offset; reads the whole table. */
  itemsFrom(segment: number, from: number, limit: number): IndexedItem[] {
    const rows = this.database
      .prepare(
        'SELECT * FROM items WHERE segment = ? AND offset + length > ? ORDER BY offset LIMIT ?',
      )
      .all(segment, from, limit)
    return rows.map(itemOf)
  }

  /** Items whose payload starts in a stretch of one segment; reads the whole table. */
  itemsWithin(segment: number, from: number, to: number): IndexedItem[] {
    const rows = this.database
      .prepare('SELECT * FROM items WHERE segment = ? AND offset >= ? AND offset < ?')
      .all(segment, from, to)
    return rows.map(itemOf)
  }

  /** Forgets what still points into segments that compaction replaced. */
  forgetSegments(segments: readonly number[]): void {
    const forget = this.database.prepare('DELETE FROM items WHERE segment = ?')
    for (const segment of segments) forget.run(segment)
  }

  /** Runs `change` in one transaction; whatever it throws undoes all of it. */
  transaction(change: () => void): void {
    this.database.exec('BEGIN IMMEDIATE')
    try {
      change()
      this.database.exec('COMMIT')
    } catch (error) {
      this.#isEmpty = false
      if (this.database.isTransaction) this.database.exec('ROLLBACK')
      throw error
    }
  }

  /** Sorted by key, because that is several times faster in a tree of random digests. */
  insertItems(items: readonly IndexedItem[]): void {
    if (items.length > 0) this.#isEmpty = false
    const sorted = items.toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
    const many = this.database.prepare(insertStatement(insertRows))
    const one = this.database.prepare(insertStatement(1))
    let done = 0
    for (; done + insertRows <= sorted.length; done += insertRows) {
      many.run(...sorted.slice(done, done + insertRows).flatMap(itemValues))
    }
    for (const item of sorted.slice(done)) one.run(...itemValues(item))
  }

  insertRecords(records: readonly IndexedRecord[]): void {
    const insert = this.database.prepare('INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)')
    for (const { sequence, segment, offset, length } of records) {
      insert.run(sequence, segment, offset, length)
    }
  }

  putSegments(rows: readonly SegmentRow[]): void {
    const put = this.database.prepare('INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?, ?, ?)')
    for (const row of rows) {
      put.run(row.id, row.lane, row.number, row.indexed, row.claimed, row.state)
    }
  }

  close(): void {
    this.database.close()
  }

  #lookup(size: number): StatementSync {
    let statement = this.#lookups.get(size)
    if (statement === undefined) {
      const marks = Array.from({ length: size }, () => '?').join(',')
      statement = this.database.prepare(
        `SELECT digest, segment, offset, length FROM items WHERE digest IN (${marks})`,
      )
      // An object for each row takes a quarter of a lookup.
      statement.setReturnArrays(true)
      this.#lookups.set(size, statement)
    }
    return statement
  }
}

/** Throws `FORMAT_TOO_NEW`, `STORE_DAMAGED` or `IO_FAILED` when a file cannot be used. */
export function checkItemIndex(path: string): void {
  ItemIndex.open(path, 'read').close()
}

function itemOf(row: Record<string, unknown>): IndexedItem {
  return { digest: digestFromBytes(row['digest'] as Uint8Array), ...placeOf(row) }
}

function placeOf(row: Record<string, unknown>): IndexedPlace {
  return {
    segment: Number(row['segment']),
    offset: Number(row['offset']),
    length: Number(row['length']),
  }
}

function insertStatement(rows: number): string {
  const values = Array.from({ length: rows }, () => '(?,?,?,?)').join(',')
  return `INSERT OR REPLACE INTO items VALUES ${values}`
}

function itemValues(item: IndexedItem): [Buffer, number, number, number] {
  return [digestToBytes(item.digest), item.segment, item.offset, item.length]
}

function prepare(database: DatabaseSync, path: string, mode: 'read' | 'write'): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version > indexVersion) {
    throw new VarveError('FORMAT_TOO_NEW', {
      what: `The index ${path} has version ${version}; this Varve knows versions up to ${indexVersion}.`,
      next: 'Install a newer Varve, or run `varve reindex`: the index is made anew for this one.',
      data: { path, version, known: indexVersion },
    })
  }
  if (mode === 'read') {
    if (version === 0) throw new VarveError('STORE_DAMAGED', { what: `${path} holds no index.` })
    return
  }
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('PRAGMA synchronous = NORMAL')
  database.exec('PRAGMA wal_autocheckpoint = 16384')
  database.exec('PRAGMA cache_size = -65536')
  if (version === 0) database.exec(`BEGIN; ${schema} COMMIT;`)
}
