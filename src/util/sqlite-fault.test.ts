import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { sqliteFault } from './sqlite-fault.ts'

function errorOf(...statements: readonly string[]): unknown {
  const database = new DatabaseSync(':memory:')
  try {
    for (const sql of statements) database.exec(sql)
    return undefined
  } catch (error) {
    return error
  } finally {
    database.close()
  }
}

test('a full database is told from one that refuses for another reason', () => {
  const full = errorOf(
    'PRAGMA max_page_count = 3; CREATE TABLE t (b BLOB)',
    'INSERT INTO t VALUES (randomblob(100000))',
  )
  expect(sqliteFault(full)).toBe('full')
  expect(sqliteFault(errorOf('SELECT * FROM nothing'))).toBe('refused')
})

test('errors that are not of SQLite are none of its business', () => {
  expect(sqliteFault(new Error('other'))).toBe(undefined)
  expect(sqliteFault('text')).toBe(undefined)
})
