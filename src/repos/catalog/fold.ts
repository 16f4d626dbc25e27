import { digestOf } from '../../model/index.ts'
import type { RecordOptions, SegmentStore } from '../../segments/index.ts'
import { CatalogDb } from './catalog-db.ts'
import { clearTables, readWatermark, recreate, writeWatermark } from './catalog-file.ts'
import { decodeRecord } from './record.ts'
import { checkpointOp, type Reducers } from './reducers.ts'

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
  { fromStart, last: end = Infinity, ...reading }: FoldOptions & { readonly fromStart: boolean },
): Promise<number> {
  let records = 0
  db.exec('BEGIN IMMEDIATE')
  try {
    if (fromStart) clearTables(db)
    const { sequence, record: folded } = readWatermark(db)
    let last = folded
    for await (const { at: position, bytes } of segments.records(
      sequence === 0 ? undefined : { sequence },
      reading,
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
