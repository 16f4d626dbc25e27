import type { CatalogOp } from '../types/catalog.ts'
import { recreate } from './catalog-file.ts'
import { CatalogDb } from './catalog-db.ts'
import { decodeRecord, encodeRecordWithin } from './record.ts'
import type { Reducers } from './reducers.ts'
import { firstDifference } from './difference.ts'
import { invariant } from '../../util/index.ts'

/** One record is one text, and a text of the engine's ends at 512 MiB. */
const largestCheckpoint = 256 * 1024 * 1024

/**
 * A record that gives the tables at hand whatever was there before it. Undefined when it would be
 * too large to be one record. It is folded once before anything older may go for it.
 */
export function makeCheckpoint(
  reducers: Reducers,
  tables: CatalogDb,
  at: number,
): Uint8Array | undefined {
  const bytes = encodeRecordWithin(largestCheckpoint, { at, ops: checkpointOps(reducers, tables) })
  if (bytes === undefined) return undefined
  // Not in memory: see `foldApart`.
  const again = new CatalogDb('')
  try {
    recreate(again, reducers)
    for (const op of decodeRecord(bytes).ops) reducers.apply(again, op, at)
    const difference = firstDifference(reducers, { present: again, expected: tables })
    invariant(difference === undefined, `a checkpoint gives other tables: ${difference}`)
  } finally {
    again.close()
  }
  return bytes
}

function* checkpointOps(reducers: Reducers, tables: CatalogDb): Iterable<CatalogOp> {
  yield { op: 'checkpoint' }
  yield* reducers.snapshot(tables)
}
