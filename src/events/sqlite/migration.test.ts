import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { drain, numbered, numbersOf } from '../event-bus.contract.ts'
import { sqliteEventBus } from './sqlite-bus.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-bus-migration-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** As the first version of the bus wrote it. */
function format1(path: string): void {
  const database = new DatabaseSync(path)
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE message (topic TEXT NOT NULL, at INTEGER NOT NULL, key TEXT, fact TEXT NOT NULL,
      PRIMARY KEY (topic, at)) WITHOUT ROWID;
    CREATE TABLE consumer (topic TEXT NOT NULL, consumer_group TEXT NOT NULL, at INTEGER NOT NULL,
      PRIMARY KEY (topic, consumer_group)) WITHOUT ROWID;
    CREATE TABLE dead_letter (topic TEXT NOT NULL, consumer_group TEXT NOT NULL, at INTEGER NOT NULL,
      key TEXT, fact TEXT NOT NULL, reason TEXT NOT NULL,
      PRIMARY KEY (topic, consumer_group, at)) WITHOUT ROWID;
    PRAGMA user_version = 1;
  `)
  const insert = database.prepare('INSERT INTO message VALUES (?, ?, ?, ?)')
  for (let n = 1; n <= 30; n += 1) {
    insert.run('t', n, n % 2 === 0 ? 'even' : null, JSON.stringify(numbered(n).fact))
  }
  insert.run('unread', 1, null, JSON.stringify(numbered(1).fact))
  database.exec(
    `INSERT INTO consumer VALUES ('t', 'slow', 10), ('t', 'fast', 25), ('ahead', 'g', 0)`,
  )
  const bury = database.prepare('INSERT INTO dead_letter VALUES (?, ?, ?, ?, ?, ?)')
  bury.run('t', 'fast', 7, 'odd', JSON.stringify(numbered(7).fact), 'no URL')
  database.close()
}

test('a file of format 1 keeps what each group has still to read, and its dead letters', async () => {
  const path = join(folder, 'bus.sqlite')
  format1(path)
  const bus = sqliteEventBus(path)
  const read = async (topic: string, group: string) =>
    numbersOf(await drain(await bus.join({ topic, group }))).toSorted((a, b) => a - b)
  const range = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i)
  expect(await read('t', 'slow')).toEqual(range(11, 30))
  expect(await read('t', 'fast')).toEqual(range(26, 30))
  expect(await read('unread', 'anybody')).toEqual([1])
  expect(await read('ahead', 'g')).toEqual([])
  const letters = await bus.deadLetters({ topic: 't', group: 'fast' })
  expect(letters).toHaveLength(1)
  expect(letters[0]).toMatchObject({ key: 'odd', reason: 'no URL', attempts: 1 })
  await bus.close()
  const again = sqliteEventBus(path)
  expect((await again.topics()).map(({ topic }) => topic)).toEqual(['ahead', 't', 'unread'])
  await again.close()
})
