import { digestOf, type Digest } from '../../model/index.ts'
import type { NewCheckpoint } from '../../segments/index.ts'
import { inSizedBatches, invariant } from '../../util/index.ts'
import type { CatalogOp } from '../types/catalog.ts'
import { CatalogDb } from './catalog-db.ts'
import { emptyWatermark, recreate } from './catalog-file.ts'
import { checkpointOp, checkpointPart } from './checkpoint-op.ts'
import { firstDifference } from './difference.ts'
import { encodeOps } from './record.ts'
import { RecordFold } from './record-fold.ts'
import type { Reducers } from './reducers.ts'

/** Bytes of ops in a part: what making one or reading one takes in memory is a few times that. */
export const usualPartBytes: number = 8 << 20

export interface CheckpointSource {
  readonly reducers: Reducers
  /** Must not change while it is read. */
  readonly tables: CatalogDb
  readonly at: number
  readonly partBytes: number
}

/** Records that give the tables at hand whatever was there before them. */
type CheckpointPlan = Pick<NewCheckpoint, 'sizes' | 'records'>

/** Whether the facts of a checkpoint, each written twice, have at most so many bytes. */
export function isWithin(
  mostBytes: number,
  { reducers, tables }: Pick<CheckpointSource, 'reducers' | 'tables'>,
): boolean {
  let bytes = 0
  for (const { size } of factsOf(reducers.snapshot(tables))) {
    bytes += 2 * size
    if (bytes > mostBytes) return false
  }
  return true
}

/** Makes the records once to fold them, before anything older may go for those made next. */
export function planCheckpoint(source: CheckpointSource): CheckpointPlan {
  const { reducers, tables } = source
  const made: { readonly size: number; readonly digest: Digest }[] = []
  // Not in memory: see `foldApart`.
  const again = new CatalogDb('')
  try {
    recreate(again, reducers)
    again.exec('BEGIN')
    // Behind a record: at the start of a store half a checkpoint would count too.
    const fold = new RecordFold(again, reducers, { ...emptyWatermark, sequence: 1 })
    for (const record of checkpointRecords(source)) {
      fold.add(record, made.length + 2)
      made.push({ size: record.length, digest: digestOf(record) })
    }
    fold.end()
    const difference = firstDifference(reducers, { present: again, expected: tables })
    invariant(difference === undefined, `a checkpoint gives other tables: ${difference}`)
  } finally {
    again.close()
  }
  const digests = made.map(({ digest }) => digest)
  return { sizes: made.map(({ size }) => size), records: sameRecords(source, digests) }
}

function* sameRecords(source: CheckpointSource, digests: readonly Digest[]): Iterable<Uint8Array> {
  let next = 0
  for (const record of checkpointRecords(source)) {
    invariant(digestOf(record) === digests[next], `part ${next} is not the one that was folded`)
    next += 1
    yield record
  }
}

/** One record where one will do, else parts and a last one without facts: who opens the store reads it. */
function* checkpointRecords(source: CheckpointSource): Iterable<Uint8Array> {
  const { reducers, tables, at, partBytes } = source
  const limits = { length: Infinity, size: partBytes }
  let after: Digest | null = null
  let held: readonly Fact[] = []
  for (const facts of inSizedBatches(factsOf(reducers.snapshot(tables)), limits)) {
    if (held.length > 0) {
      const record = encodePart(at, checkpointPart(after, false), held)
      yield record
      after = digestOf(record)
    }
    held = facts
  }
  if (after === null) {
    yield encodePart(at, { op: checkpointOp }, held)
    return
  }
  const record = encodePart(at, checkpointPart(after, false), held)
  yield record
  yield encodePart(at, checkpointPart(digestOf(record), true), [])
}

/** An op as JSON. */
interface Fact {
  readonly json: string
  readonly size: number
}

function* factsOf(ops: Iterable<CatalogOp>): Iterable<Fact> {
  for (const op of ops) {
    const json = JSON.stringify(op)
    yield { json, size: Buffer.byteLength(json) }
  }
}

function encodePart(at: number, head: CatalogOp, facts: readonly Fact[]): Uint8Array {
  return encodeOps(at, [JSON.stringify(head), ...facts.map(({ json }) => json)])
}
