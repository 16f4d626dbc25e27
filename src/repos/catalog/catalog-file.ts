import { rmSync } from 'node:fs'
import { isVarveError, VarveError } from '../../model/index.ts'
import { CatalogDb } from './catalog-db.ts'
import type { Reducers } from './reducers.ts'
import { emptyTables } from './tables.ts'

/** Raise when the frame around the reducers' tables changes. */
const catalogFormat = 1

/** How far the records are folded into the tables, and what the last folded record was. */
export interface Watermark {
  readonly sequence: number
  /** SHA-256 of that record: tells a catalog of other records from ours. */
  readonly record: string
}

export const emptyWatermark: Watermark = { sequence: 0, record: '' }

/**
 * Opens the catalog's file for writing. A damaged file is a lost cache: it is deleted and made
 * anew. `FORMAT_TOO_NEW` when a later Varve made it.
 */
export function openCatalogFile(
  file: string,
  reducers: Reducers,
  notice: (what: string) => void,
): CatalogDb {
  try {
    return openTables(file, reducers)
  } catch (error) {
    if (!isVarveError(error, 'STORE_DAMAGED')) throw error
    notice(`The catalog ${file} was damaged; it is rebuilt from the records, nothing is lost.`)
    removeCatalogFile(file)
    return openTables(file, reducers)
  }
}

/** Whether the tables are damaged, which costs nothing, and not the records. */
export function isCatalogDamage(error: unknown): boolean {
  return isVarveError(error, 'STORE_DAMAGED') && error.data['part'] === 'catalog'
}

function openTables(file: string, reducers: Reducers): CatalogDb {
  const db = new CatalogDb(file)
  try {
    // NORMAL may lose the last commits in a power cut, never tear the file; records replay them.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 10000')
    const shape = readShape(db)
    if (shape !== reducers.shape) recreate(db, reducers)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Shape of the tables in a file, undefined when it has none; refuses a later format. */
export function readShape(db: CatalogDb): string | undefined {
  const known = db.get("SELECT 1 FROM sqlite_master WHERE name = 'catalog'")
  if (known === undefined) return undefined
  const row = db.get('SELECT format, shape FROM catalog')
  const format = Number(row?.['format'] ?? 0)
  if (format > catalogFormat) {
    throw new VarveError('FORMAT_TOO_NEW', {
      what: `The catalog is of format ${format}; this Varve reads up to ${catalogFormat}.`,
      next: 'Install a newer Varve, or run `varve reindex`: the catalog is made anew for this one.',
    })
  }
  return row?.['shape'] as string | undefined
}

/** Throws `FORMAT_TOO_NEW`, `STORE_DAMAGED` or `IO_FAILED` when a file cannot be used. */
export function checkCatalogFile(file: string): void {
  const db = new CatalogDb(file, { readOnly: true })
  try {
    readShape(db)
  } finally {
    db.close()
  }
}

export function recreate(db: CatalogDb, reducers: Reducers): void {
  db.exec('BEGIN IMMEDIATE')
  const tables = db.all(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  )
  for (const row of tables) db.exec(`DROP TABLE "${String(row['name'])}"`)
  db.exec(
    `CREATE TABLE catalog (
       format INTEGER NOT NULL, shape TEXT NOT NULL, sequence INTEGER NOT NULL, record TEXT NOT NULL
     )`,
  )
  db.run('INSERT INTO catalog VALUES (?, ?, 0, ?)', catalogFormat, reducers.shape, '')
  reducers.createTables(db)
  db.exec('COMMIT')
}

export function readWatermark(db: CatalogDb): Watermark {
  const row = db.get('SELECT sequence, record FROM catalog')
  return { sequence: Number(row?.['sequence'] ?? 0), record: (row?.['record'] ?? '') as string }
}

export function writeWatermark(db: CatalogDb, watermark: Watermark): void {
  db.run('UPDATE catalog SET sequence = ?, record = ?', watermark.sequence, watermark.record)
}

/** Back to before the first record; inside the caller's transaction. */
export function clearTables(db: CatalogDb): void {
  emptyTables(db)
  writeWatermark(db, emptyWatermark)
}

/** It is made anew by the next that opens it. */
export function removeCatalogFile(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true })
}
