import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isWithin, planCheckpoint } from './checkpoint.ts'
import { CatalogDb } from './catalog-db.ts'
import { emptyWatermark, recreate, type Watermark } from './catalog-file.ts'
import { firstDifference } from './difference.ts'
import { decodeRecord, encodeRecord } from './record.ts'
import { RecordFold } from './record-fold.ts'
import { Reducers } from './reducers.ts'
import type { CatalogOp } from '../types/catalog.ts'

interface Thing extends CatalogOp {
  readonly name: string
  readonly value: string
}

const reducers = new Reducers([
  {
    name: 'thing',
    version: 1,
    tables: 'CREATE TABLE thing (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;',
    ops: ['thing.set', 'thing.append', 'thing.delete'],
    apply: (db, op) => {
      const { name, value } = op as Thing
      const before = op.op === 'thing.append' ? valueOf(db, name) : ''
      if (op.op === 'thing.delete') db.run('DELETE FROM thing WHERE name = ?', name)
      else db.run('INSERT OR REPLACE INTO thing VALUES (?, ?)', name, before + value)
    },
    snapshot: (db) =>
      db.all('SELECT * FROM thing ORDER BY name').map((row) => ({ op: 'thing.set', ...row })),
  },
])

function valueOf(db: CatalogDb, name: string): string {
  const row = db.get('SELECT value FROM thing WHERE name = ?', name)
  return (row?.['value'] ?? '') as string
}

function emptyCatalog(): CatalogDb {
  const db = new CatalogDb(':memory:')
  recreate(db, reducers)
  return db
}

interface Numbered {
  readonly sequence: number
  readonly bytes: Uint8Array
}

/** Folds as one process does that opens the store, and answers how far it came. */
function fold(db: CatalogDb, at: Watermark, records: readonly Numbered[]): Watermark {
  db.exec('BEGIN')
  const work = new RecordFold(db, reducers, at)
  for (const { bytes, sequence } of records) work.add(bytes, sequence)
  const end = work.end()
  db.exec('COMMIT')
  return end
}

type Step =
  | { readonly kind: 'append' | 'delete'; readonly name: string; readonly value: string }
  /** `reached`: the share of its records that a crash let reach the disk; 1 for all. */
  | { readonly kind: 'checkpoint'; readonly partBytes: number; readonly reached: number }

const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom('append' as const, 'append' as const, 'delete' as const),
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        value: fc.string({ minLength: 1, maxLength: 20 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('checkpoint' as const),
        partBytes: fc.integer({ min: 1, max: 150 }),
        reached: fc.constantFrom(0.3, 0.6, 0.9, 1),
      }),
    },
  ),
  { minLength: 1, maxLength: 14 },
)

interface Past {
  readonly records: readonly Numbered[]
  /** Places in `records` where whole checkpoints begin and end. */
  readonly checkpoints: readonly { readonly from: number; readonly to: number }[]
  readonly tables: CatalogDb
}

/** What lies on the disk after some life: appending ops tell at once when one is folded twice. */
function pastOf(life: readonly Step[]): Past {
  const tables = emptyCatalog()
  const records: Numbered[] = []
  const checkpoints: { from: number; to: number }[] = []
  const add = (bytes: Uint8Array) => records.push({ sequence: records.length + 1, bytes })
  for (const [i, step] of life.entries()) {
    if (step.kind !== 'checkpoint') {
      const op = { ...step, op: `thing.${step.kind}` }
      reducers.apply(tables, op, i)
      add(encodeRecord({ at: i, ops: [op] }))
      continue
    }
    const { partBytes, reached } = step
    const parts = [...planCheckpoint({ reducers, tables, at: i, partBytes }).records]
    const copies = parts.flatMap((part) => [part, part])
    const from = records.length
    for (const copy of copies.slice(0, Math.ceil(copies.length * reached))) add(copy)
    if (reached === 1 && from > 0) checkpoints.push({ from, to: records.length })
  }
  return { records, checkpoints, tables }
}

function expectTables(present: CatalogDb, expected: CatalogDb): void {
  expect(firstDifference(reducers, { present, expected })).toBeUndefined()
}

const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 5 })

test('checkpoints, whole and cut off, change no table, however often somebody stops between records', () => {
  fc.assert(
    fc.property(steps, cuts, (life, stops) => {
      const { records, tables } = pastOf(life)
      const db = emptyCatalog()
      let at = emptyWatermark
      const ends = [...stops.filter((stop) => stop < records.length), records.length]
      for (const end of ends.toSorted((a, b) => a - b)) {
        at = fold(db, at, records.slice(at.sequence, end))
      }
      expect(at.sequence).toBe(records.length)
      expectTables(db, tables)
    }),
  )
})

test('whoever finds nothing before a whole checkpoint has the tables, wherever he stopped', () => {
  fc.assert(
    fc.property(steps, fc.nat(), fc.nat(), (life, which, stop) => {
      const { records, checkpoints, tables } = pastOf(life)
      const checkpoint = checkpoints[which % Math.max(1, checkpoints.length)]
      fc.pre(checkpoint !== undefined)
      const db = emptyCatalog()
      const at = fold(db, emptyWatermark, records.slice(0, stop % (checkpoint.from + 1)))
      fold(db, at, records.slice(checkpoint.from))
      expectTables(db, tables)
    }),
  )
})

test('of each part one copy may be lost', () => {
  fc.assert(
    fc.property(steps, fc.nat(), fc.infiniteStream(fc.boolean()), (life, which, losses) => {
      const { records, checkpoints, tables } = pastOf(life)
      const checkpoint = checkpoints[which % Math.max(1, checkpoints.length)]
      fc.pre(checkpoint !== undefined)
      const copies = records.slice(checkpoint.from, checkpoint.to)
      const left = copies.filter((_, i) => (i % 2 === 0 ? losses.next().value : true))
      const db = emptyCatalog()
      fold(db, emptyWatermark, [...left, ...records.slice(checkpoint.to)])
      expectTables(db, tables)
    }),
  )
})

const many = Array.from({ length: 6 }, (_, i) => ({
  kind: 'append' as const,
  name: `${i}`,
  value: 'v',
}))

/** Records of a checkpoint of six parts with a fact each and a last one, each twice. */
function sixParts() {
  return pastOf([...many, { kind: 'checkpoint', partBytes: 1, reached: 1 }])
}

test('a part that is lost for good costs its facts alone, where nothing else is left', () => {
  const { records } = sixParts()
  const parts = records.slice(many.length)
  expect(parts).toHaveLength(14)
  for (let part = 0; part < 7; part += 1) {
    const db = emptyCatalog()
    fold(db, emptyWatermark, parts.toSpliced(2 * part, 2))
    const names = db.all('SELECT name FROM thing ORDER BY name').map(({ name }) => name)
    expect(names).toEqual(many.map(({ name }) => name).filter((name) => name !== `${part}`))
  }
})

test('a part that is lost for good costs nothing where what it says was said before', () => {
  const { records, tables } = sixParts()
  for (let part = 0; part < 7; part += 1) {
    const db = emptyCatalog()
    fold(db, emptyWatermark, records.toSpliced(many.length + 2 * part, 2))
    expectTables(db, tables)
  }
})

test('a small checkpoint is one record as it always was; a large one is parts that name each other', () => {
  const { tables } = sixParts()
  const heads = (partBytes: number) =>
    [...planCheckpoint({ reducers, tables, at: 5, partBytes }).records].map((bytes) => {
      const { at, ops } = decodeRecord(bytes)
      expect(at).toBe(5)
      return ops[0]
    })
  expect(heads(1 << 20)).toEqual([{ op: 'checkpoint' }])
  const first = { op: 'checkpoint.part', after: null, last: false }
  const digest = expect.stringMatching(/^[0-9a-f]{64}$/)
  const next = { ...first, after: digest }
  expect(heads(150)).toEqual([first, next, { ...next, last: true }])
  expect(isWithin(1000, { reducers, tables })).toBe(true)
  expect(isWithin(100, { reducers, tables })).toBe(false)
})
