import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { drain, many } from '../event-bus.contract.ts'
import { BusFile } from './bus-file.ts'
import { sqliteEventBus } from './sqlite-bus.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-bus-file-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const newPath = () => join(folder, `${++files}.sqlite`)
const at = { topic: 't', group: 'g' }

test('a file written by a newer format is refused and left as it is', () => {
  const path = newPath()
  const database = new DatabaseSync(path)
  database.exec('PRAGMA user_version = 99')
  database.close()
  expect(() => sqliteEventBus(path)).toThrow(/format 99/)
  const found = new DatabaseSync(path).prepare('SELECT count(*) AS n FROM sqlite_schema').get()
  expect(found?.['n']).toBe(0)
})

test('a file that is no database is damage, a folder that is not there is refused', () => {
  const path = newPath()
  writeFileSync(path, 'not a database at all, but long enough to be taken for one'.repeat(20))
  expect(() => sqliteEventBus(path)).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }))
  const nowhere = join(folder, 'nowhere', 'bus.sqlite')
  expect(() => sqliteEventBus(nowhere)).toThrow(expect.objectContaining({ code: 'IO_FAILED' }))
})

test('a batch that cannot be read is damage, named with the file', async () => {
  const path = newPath()
  const bus = sqliteEventBus(path)
  await bus.publish('t', many(1))
  const database = new DatabaseSync(path)
  database.exec(`UPDATE batch SET messages = '[{"source":'`)
  database.close()
  const consumer = await bus.join(at)
  await expect(consumer.poll(1)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  await bus.close()
})

test('on a full disk a transaction is undone as a whole, and the file goes on when there is room', () => {
  const file = new BusFile(newPath())
  file.exec('CREATE TABLE t (x TEXT)')
  file.exec('PRAGMA max_page_count = 20')
  const fill = () =>
    file.transaction('durable', () => {
      for (let i = 0; i < 100; i += 1) file.run('INSERT INTO t VALUES (?)', 'x'.repeat(4000))
    })
  expect(fill).toThrow(expect.objectContaining({ code: 'DISK_FULL' }))
  expect(file.number('SELECT count(*) FROM t')).toBe(0)
  file.exec('PRAGMA max_page_count = 1000')
  fill()
  expect(file.number('SELECT count(*) FROM t')).toBe(100)
  file.close()
})

test('another process that keeps the file is told as a lock', () => {
  const path = newPath()
  const other = new DatabaseSync(path)
  const file = new BusFile(path, 50)
  other.exec('BEGIN IMMEDIATE')
  const locked = expect.objectContaining({ code: 'STORE_LOCKED' })
  expect(() => file.transaction('durable', () => undefined)).toThrow(locked)
  other.exec('ROLLBACK')
  expect(file.transaction('durable', () => 1)).toBe(1)
  file.close()
  other.close()
})

test('trimming gives the room back', async () => {
  const path = newPath()
  const bus = sqliteEventBus(path)
  for (let i = 0; i < 10; i += 1) await bus.publish('t', many(1000, 100))
  const consumer = await bus.join(at)
  await consumer.commit(await drain(consumer))
  expect(await bus.trim('t', { consumed: true })).toBe(10_000)
  await bus.close()
  expect(statSync(path).size).toBeLessThan(200_000)
})
