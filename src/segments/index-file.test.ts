import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { DiskObjects } from '../storage/index.ts'
import { openSegmentStore } from './index.ts'
import { digestsOf, recordTexts, sampleItems } from './store.fixture.ts'

const items = sampleItems(50)

function options(directory: string) {
  return {
    objects: new DiskObjects(directory),
    indexPath: join(directory, 'index.sqlite'),
    lockDirectory: directory,
    segmentBytes: 24 << 10,
  }
}

const openWriter = (directory: string) => openSegmentStore({ ...options(directory), mode: 'write' })
const openReader = (directory: string) => openSegmentStore({ ...options(directory), mode: 'read' })

async function filled(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'varve-index-'))
  const store = await openWriter(directory)
  await store.addItems('photos', items.slice(0, 30))
  await store.appendRecords([Buffer.from('one')])
  await store.addItems('photos', items.slice(30))
  await store.appendRecords([Buffer.from('two')])
  await store.close()
  return directory
}

interface Rows {
  readonly items: unknown[]
  readonly records: unknown[]
}

/** What the index says of every item and record, segments by name: row ids are free to differ. */
function rows(directory: string): Rows {
  const database = new DatabaseSync(join(directory, 'index.sqlite'))
  const placed = (key: string, table: string) =>
    database
      .prepare(
        `SELECT ${key} AS key, lane, number, offset, length
        FROM ${table} JOIN segments ON segments.id = segment ORDER BY 1`,
      )
      .all()
  const found = { items: placed('hex(digest)', 'items'), records: placed('sequence', 'records') }
  database.close()
  return found
}

test('an index rebuilt from the segments alone equals the one that was lost, row by row', async () => {
  const directory = await filled()
  const before = rows(directory)
  expect(before.items).toHaveLength(50)
  expect(before.records).toHaveLength(2)
  rmSync(join(directory, 'index.sqlite'))
  await (await openWriter(directory)).close()
  expect(rows(directory)).toEqual(before)
  const store = await openReader(directory)
  expect(await store.read(digestsOf(items))).toHaveLength(50)
  await store.close()
})

test('an index left behind by a crash is brought up to date by the next writer', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'varve-index-'))
  const first = await openWriter(directory)
  await first.addItems('photos', items.slice(0, 10))
  await first.appendRecords([Buffer.from('one')])
  await first.close()
  copyFileSync(join(directory, 'index.sqlite'), join(directory, 'old.sqlite'))
  const second = await openWriter(directory)
  await second.addItems('photos', items.slice(10))
  await second.appendRecords([Buffer.from('two')])
  await second.close()
  copyFileSync(join(directory, 'old.sqlite'), join(directory, 'index.sqlite'))
  const third = await openWriter(directory)
  expect(await third.read(digestsOf(items))).toHaveLength(50)
  expect(await recordTexts(third)).toEqual(['one', 'two'])
  await third.close()
})

test('an index that is no database is set aside and rebuilt; one from the future is refused', async () => {
  const directory = await filled()
  writeFileSync(join(directory, 'index.sqlite'), 'rubbish'.repeat(1000))
  const reader = await openReader(directory)
  expect(await reader.read(digestsOf(items))).toHaveLength(50)
  await reader.close()
  const store = await openWriter(directory)
  expect(await store.read(digestsOf(items))).toHaveLength(50)
  expect(existsSync(join(directory, 'index.sqlite.damaged'))).toBe(true)
  store.database.exec('PRAGMA user_version = 99')
  await store.close()
  await expect(openWriter(directory)).rejects.toMatchObject({ code: 'FORMAT_TOO_NEW' })
  await expect(openReader(directory)).rejects.toMatchObject({ code: 'FORMAT_TOO_NEW' })
})

test('a reader that is open sees what the writer adds and follows compaction', async () => {
  const directory = await filled()
  const reader = await openReader(directory)
  const writer = await openWriter(directory)
  const more = sampleItems(20, 500)
  await writer.addItems('tables', more)
  await writer.appendRecords([Buffer.from('three')])
  expect(await reader.read(digestsOf(more))).toHaveLength(20)
  expect(await recordTexts(reader)).toEqual(['one', 'two', 'three'])
  const kept = new Set(digestsOf(more))
  const isLive = (digests: readonly string[]) => digests.map((d) => kept.has(d as never))
  await writer.compact({ isLive, dryRun: false })
  expect(await reader.read(digestsOf(more))).toHaveLength(20)
  expect(await recordTexts(reader)).toEqual(['one', 'two', 'three'])
  await writer.close()
  await reader.close()
})

test('a reader that opened an empty store finds what is added later', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'varve-index-'))
  const writer = await openWriter(directory)
  const reader = await openReader(directory)
  await writer.addItems('photos', items)
  await writer.appendRecords([Buffer.from('one')])
  expect(await reader.read(digestsOf(items))).toHaveLength(items.length)
  await writer.close()
  await reader.close()
})
