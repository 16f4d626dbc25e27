import { expect, test } from 'vitest'
import { ingestReducer } from './reducer.ts'
import type { IngestRowsOp } from './ops.ts'
import type { RowQuery } from './row-table.ts'
import type { RowKey } from './row.ts'
import { end, endedRows, repo, rowTableOf } from './rows.fixture.ts'

const keysOf = (rows: Iterable<RowKey>): string[] =>
  [...rows].map(({ list, position }) => `${list}${position}`)

test('each page of a list begins where the one before ended, and ends where was asked', () => {
  const { db, rows } = rowTableOf(endedRows('a', 2500), endedRows('b', 2500))
  expect(keysOf(rows.list({ list: 'a' }))).toHaveLength(2500)
  expect(keysOf(rows.list({ list: 'a', from: 1200, to: 2400 })).at(-1)).toBe('a2399')
  expect(db.plans.length).toBeGreaterThan(4)
  for (const plan of db.plans) expect(plan).toContain('repo=? AND list=? AND position>?')
})

test('rows of all lists come by list and position, page after page', () => {
  const { db, rows } = rowTableOf(endedRows('b', 1500), endedRows('a', 1500))
  const expected = [...keysOf(endedRows('a', 1500)), ...keysOf(endedRows('b', 1500))]
  expect(keysOf(rows.list())).toEqual(expected)
  expect(keysOf(rows.list({ limit: 1600 }))).toEqual(expected.slice(0, 1600))
  for (const plan of db.plans) expect(plan).toContain('(list,position)>(?,?)')
})

test('conditions are met together', () => {
  const { rows } = rowTableOf(endedRows('a', 20), endedRows('b', 20))
  const found = (query: RowQuery): string[] => keysOf(rows.list(query))
  const failed = ['failed_to_download', 'failed_to_resize'] as const
  expect(found({ status: failed, list: 'b', from: 3, to: 12 })).toEqual(['b3', 'b6', 'b9'])
  expect(found({ status: failed, list: 'b', error: '404' })).toEqual(['b0', 'b6', 'b12', 'b18'])
  expect(found({ url: 'http://host/a/4' })).toEqual(['a4'])
  expect(found({ status: ['success'], url: 'http://host/a/3' })).toEqual([])
  expect(found({ list: 'a', from: 5, to: 5 })).toEqual([])
})

test('rows are found in the order asked, all by one question', () => {
  const { db, rows } = rowTableOf(endedRows('a', 5), endedRows('b', 5))
  const asked = ['b3', 'a9', 'a0', 'b3'].map((key) => ({
    list: key.slice(0, 1),
    position: Number(key.slice(1)),
  }))
  const found = rows.find(asked)
  expect(found.map((row) => row?.url)).toEqual([
    'http://host/b/3',
    undefined,
    'http://host/a/0',
    'http://host/b/3',
  ])
  expect(found[2]).toMatchObject({ status: 'failed_to_download', attempts: 1, at: 7 })
  expect(db.plans).toHaveLength(1)
})

test('the rows of a URL are found without a look at the others, the first and those after it', () => {
  const url = 'http://host/a/4'
  const { db, rows } = rowTableOf(
    endedRows('a', 2000),
    [
      { list: 'b', position: 1, url, status: 'duplicate', attempts: 0 },
      { list: 'A', position: 2, url, status: 'failed_to_resize', error: 'too small', attempts: 1 },
    ],
    // A row that ends once more is still one row.
    endedRows('a', 5),
  )
  const found = (query: RowQuery) => [...rows.list({ ...query, url })].map(({ list }) => list)
  expect(found({})).toEqual(['A', 'a', 'b'])
  expect(db.plans.join(' ')).not.toMatch(/SCAN (?!wanted|json_each)\w/)
  expect(found({ status: ['duplicate', 'success'] })).toEqual(['a', 'b'])
  expect(found({ list: 'b' })).toEqual(['b'])
  expect(found({ error: 'small' })).toEqual(['A'])
  expect(found({ limit: 2 })).toEqual(['A', 'a'])
  expect([...rows.list({ url: 'http://host/none' })]).toEqual([])
})

test('the stamp of a list changes when its rows do, or those of others whose URLs it repeats', () => {
  const [first] = endedRows('a', 1)
  if (first === undefined) throw new Error('one row')
  const repeat = { list: 'b', position: 3, url: first.url, status: 'duplicate' as const }
  const { db, rows } = rowTableOf(endedRows('a', 2), endedRows('b', 3))
  const stamps = [rows.stampOf('b')]
  const change = (list: string, position: number, at: number): void => {
    const op: IngestRowsOp = { op: 'ingest.rows', repo, rows: [{ ...first, list, position }] }
    ingestReducer.apply(db, op, { at })
    stamps.push(rows.stampOf('b'))
  }
  end(db, [{ ...repeat, attempts: 0, duplicateOf: { list: 'a', position: 0 } }])
  stamps.push(rows.stampOf('b'))
  change('b', 2, 9)
  change('b', 2, 8)
  change('a', 0, 6)
  expect(new Set(stamps).size).toBe(5)
  change('a', 1, 6)
  expect(stamps.at(-1)).toBe(stamps.at(-2))
})
