import type { RecordOptions, SegmentStore } from '../../segments/index.ts'
import { CatalogDb } from './catalog-db.ts'
import { clearTables, readWatermark, recreate, writeWatermark } from './catalog-file.ts'
import { RecordFold } from './record-fold.ts'
import type { Reducers } from './reducers.ts'

export interface FoldParts {
  readonly segments: SegmentStore
  readonly reducers: Reducers
}

export interface FoldOptions extends RecordOptions {
  /** The last record to fold; all there are when left out. */
  readonly last?: number
}

/**
 * The tables as the records give them, in memory and, where they grow, in a temporary file of
 * SQLite's that has no name. Close them when done.
 */
export async function foldApart(parts: FoldParts, options: FoldOptions = {}): Promise<CatalogDb> {
  const tables = new CatalogDb('')
  try {
    recreate(tables, parts.reducers)
    await replay(tables, parts, { ...options, fromStart: true })
    return tables
  } catch (error) {
    tables.close()
    throw error
  }
}

/** Folds the records that tables lack, in one transaction; answers how many. */
export async function replay(
  db: CatalogDb,
  { segments, reducers }: FoldParts,
  { fromStart, last = Infinity, ...reading }: FoldOptions & { readonly fromStart: boolean },
): Promise<number> {
  let records = 0
  db.exec('BEGIN IMMEDIATE')
  try {
    if (fromStart) clearTables(db)
    const { sequence } = readWatermark(db)
    const fold = new RecordFold(db, reducers)
    for await (const { at, bytes } of segments.records(
      sequence === 0 ? undefined : { sequence },
      reading,
    )) {
      if (at.sequence > last && fold.isWhole) break
      fold.add(bytes, at.sequence)
      records += 1
    }
    writeWatermark(db, fold.end())
    db.exec('COMMIT')
    return records
  } catch (error) {
    db.rollback()
    throw error
  }
}
