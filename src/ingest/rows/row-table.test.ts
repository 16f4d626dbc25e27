import { expect, test } from 'vitest'
import { CatalogDb, type RepoKey } from '../../repos/index.ts'
import { ingestReducer } from './reducer.ts'
import { RowTable, type RowQuery } from './row-table.ts'
import type { RowEnd, RowKey } from './row.ts'

const repo = 'default/images' as RepoKey

/** Remembers how SQLite went about each question. */
class WatchedDb extends CatalogDb {
  readonly plans: string[] = []

  override all(sql: string, ...values: Parameters<CatalogDb['run']>[1][]) {
    const steps = super.all(`EXPLAIN QUERY PLAN ${sql}`, ...values)
    this.plans.push(steps.map(({ detail }) => String(detail)).join('; '))
    return super.all(sql, ...values)
  }
}

function rowsOf(list: string, count: number): RowEnd[] {
  return Array.from({ length: count }, (_, position) => ({
    list,
    position,
    url: `http://host/${list}/${position}`,
    status: position % 3 === 0 ? 'failed_to_download' : 'success',
    ...(position % 3 === 0 ? { error: `HTTP Error ${position % 2 === 0 ? 404 : 500}` } : {}),
    attempts: 1,
  }))
}

function tableOf(...lists: readonly RowEnd[][]): {
  readonly db: WatchedDb
  readonly rows: RowTable
} {
  const db = new WatchedDb(':memory:')
  db.exec(ingestReducer.tables)
  for (const rows of lists)
    ingestReducer.apply(db, { op: 'ingest.rows', repo, rows } as never, { at: 7 })
  return { db, rows: new RowTable(db, repo) }
}

const keysOf = (rows: Iterable<RowKey>): string[] =>
  [...rows].map(({ list, position }) => `${list}${position}`)

test('each page of a list begins where the one before ended, and ends where was asked', () => {
  const { db, rows } = tableOf(rowsOf('a', 2500), rowsOf('b', 2500))
  expect(keysOf(rows.list({ list: 'a' }))).toHaveLength(2500)
  expect(keysOf(rows.list({ list: 'a', from: 1200, to: 2400 })).at(-1)).toBe('a2399')
  expect(db.plans.length).toBeGreaterThan(4)
  for (const plan of db.plans) expect(plan).toContain('repo=? AND list=? AND position>?')
})

test('rows of all lists come by list and position, page after page', () => {
  const { db, rows } = tableOf(rowsOf('b', 1500), rowsOf('a', 1500))
  const expected = [...keysOf(rowsOf('a', 1500)), ...keysOf(rowsOf('b', 1500))]
  expect(keysOf(rows.list())).toEqual(expected)
  expect(keysOf(rows.list({ limit: 1600 }))).toEqual(expected.slice(0, 1600))
  for (const plan of db.plans) expect(plan).toContain('(list,position)>(?,?)')
})

test('conditions are met together', () => {
  const { rows } = tableOf(rowsOf('a', 20), rowsOf('b', 20))
  const found = (query: RowQuery): string[] => keysOf(rows.list(query))
  const failed = ['failed_to_download', 'failed_to_resize'] as const
  expect(found({ status: failed, list: 'b', from: 3, to: 12 })).toEqual(['b3', 'b6', 'b9'])
  expect(found({ status: failed, list: 'b', error: '404' })).toEqual(['b0', 'b6', 'b12', 'b18'])
  expect(found({ url: 'http://host/a/4' })).toEqual(['a4'])
  expect(found({ status: ['success'], url: 'http://host/a/3' })).toEqual([])
  expect(found({ list: 'a', from: 5, to: 5 })).toEqual([])
})
