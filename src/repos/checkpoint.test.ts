import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSegmentStore } from '../segments/index.ts'
import { repairSegments } from '../segments/repair.ts'
import { memoryObjects, type MemoryFiles } from '../storage/index.ts'
import { crashStates, RecordingFiles } from '../storage/testing.ts'
import { openTestStore, pathsOf, text, textOf, type TestStore } from './store.fixture.ts'

let opened: TestStore
let files: RecordingFiles

async function open(checkpointPartBytes: number): Promise<void> {
  files = new RecordingFiles()
  opened = await openTestStore({ checkpointPartBytes }, files)
}

async function openAgain(checkpointPartBytes: number): Promise<void> {
  await opened.close()
  opened = await openTestStore({ checkpointPartBytes }, files)
}

afterEach(() => opened.close())

/** A past of which little is left: many records, few facts. */
async function live({ store }: TestStore): Promise<void> {
  await store.repos.create('r', { description: 'kept' })
  await store.repos.create('derived')
  for (let round = 1; round <= 12; round += 1) {
    await store.files.put('r@master', [text('a', `round ${round}`), text(`${round}`, 'x')])
  }
  for (let round = 1; round <= 6; round += 1) await store.commits.squashSet(idOf(store, 8 - round))
  await store.tags.set('v1', 'r@master')
  const { repo } = store.repos.inspect('r')
  await store.branches.set('derived@master', { inputs: [{ repo, branch: 'master' }] })
}

const idOf = (store: TestStore['store'], back: number) =>
  store.commits.inspect(`r@master~${back}`).id

/** Every row of every table. */
function dump({ store }: TestStore): Record<string, unknown> {
  const names = store.db.all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
  const tables = names.map(({ name }) => String(name)).filter((name) => name !== 'catalog')
  return Object.fromEntries(tables.map((name) => [name, store.db.all(`SELECT * FROM ${name}`)]))
}

interface RecordPlace {
  readonly sequence: number
  readonly path: string
  /** Of the payload. */
  readonly offset: number
}

async function placesOf(files: MemoryFiles): Promise<RecordPlace[]> {
  const segments = await openSegmentStore({
    objects: memoryObjects(files),
    indexPath: ':memory:',
    mode: 'read',
  })
  const rows = segments.database
    .prepare('SELECT * FROM records JOIN segments ON segments.id = segment ORDER BY sequence')
    .all()
  await segments.close()
  return rows.map((row) => ({
    sequence: Number(row['sequence']),
    path: `/segments/meta/${String(row['number']).padStart(6, '0')}.tar`,
    offset: Number(row['offset']),
  }))
}

async function recordsOf(files: MemoryFiles): Promise<number[]> {
  return (await placesOf(files)).map(({ sequence }) => sequence)
}

function rot({ path, offset }: RecordPlace): void {
  const bytes = files.files.get(path)?.content() ?? Buffer.alloc(0)
  bytes[bytes.indexOf('"checkpoint', offset) + 3] = 0x21
}

function repair() {
  return repairSegments({ objects: memoryObjects(files), indexPath: ':memory:', readData: true })
}

const layouts = [
  { layout: 'one record', partBytes: 8 << 20 },
  { layout: 'many records', partBytes: 600 },
]

describe.each(layouts)('a checkpoint in $layout', ({ layout, partBytes }) => {
  beforeEach(() => open(partBytes))

  test('garbage collection replaces the records by a checkpoint, and the tables stay as they were', async () => {
    await live(opened)
    const before = dump(opened)
    const records = await recordsOf(files)
    const plan = await opened.store.maintenance.gc({ dryRun: true })
    expect(plan.deadRecords).toBe(records.length)
    expect(await recordsOf(files)).toEqual(records)
    const size = bytesOf(files)
    const report = await opened.store.maintenance.gc()
    expect(report).toEqual({ ...plan, dryRun: false })
    // Claims come and go with segments: less than a few blocks.
    expect(Math.abs(size - bytesOf(files) - report.freedBytes)).toBeLessThan(40_000)
    const written = await recordsOf(files)
    expect(written[0]).toBe(records.length + 1)
    if (layout === 'one record') expect(written).toHaveLength(2)
    else expect(written.length).toBeGreaterThan(10)
    expect(dump(opened)).toEqual(before)
    await opened.store.maintenance.reindex()
    expect(dump(opened)).toEqual(before)
    opened = await opened.reopen({ withoutCatalog: true })
    expect(dump(opened)).toEqual(before)
    expect((await opened.store.maintenance.fsck({ readData: true })).faults).toEqual([])
  })

  test('collecting again with nothing new writes nothing', async () => {
    await live(opened)
    await opened.store.maintenance.gc()
    const steps = files.log.length
    expect(await opened.store.maintenance.gc()).toMatchObject({ deadRecords: 0, freedBytes: 0 })
    expect(files.log.slice(steps).filter(({ kind }) => kind !== 'mark')).toEqual([])
  })

  test('the store goes on behind a checkpoint, and the next one replaces it', async () => {
    await live(opened)
    await opened.store.maintenance.gc()
    await opened.store.repos.create('other')
    const { id } = await opened.store.files.put('other@master', [text('later', '1')])
    opened = await opened.reopen()
    expect(await textOf(opened.store, `other@${id}`, 'later')).toBe('1')
    for (let round = 0; round < 20; round += 1) {
      await opened.store.files.put('other@master', [text('later', `${round}`)])
      await opened.store.commits.squashSet(opened.store.commits.inspect('other@master~1').id)
    }
    const before = dump(opened)
    expect((await opened.store.maintenance.gc()).deadRecords).toBeGreaterThan(20)
    opened = await opened.reopen({ withoutCatalog: true })
    expect(dump(opened)).toEqual(before)
  })

  test('tables that are wrong do not become the truth', async () => {
    await live(opened)
    await opened.store.transact((tx) => {
      tx.db.run("UPDATE repos SET description = 'forged'")
    })
    await opened.store.maintenance.gc()
    await opened.store.maintenance.reindex()
    expect(opened.store.repos.inspect('r').description).toBe('kept')
  })

  test('a power cut at any instant of a collection changes no table and loses no file', async () => {
    await live(opened)
    const expected = dump(opened)
    const start = files.log.length
    await opened.store.maintenance.gc()
    let states = 0
    for (const state of crashStates(files.log, { seed: 11, limit: 700 })) {
      if (state.at < start) continue
      states += 1
      const again = await openTestStore({}, state.files)
      expect(dump(again)).toEqual(expected)
      expect(await pathsOf(again.store, 'r@v1')).toHaveLength(13)
      if (states % 10 === 0) {
        await again.store.maintenance.gc()
        expect((await again.store.maintenance.fsck({ readData: true })).faults).toEqual([])
      }
      await again.close()
    }
    expect(states).toBeGreaterThan(40)
  })

  test('one copy of each record may rot: repair finds the tables in the other', async () => {
    await live(opened)
    await opened.store.maintenance.gc()
    const places = await placesOf(files)
    await opened.store.repos.create('after')
    const expected = dump(opened)
    await opened.close()
    const rotten = places.filter((_, i) => i % 4 === 0 || i % 4 === 3)
    for (const place of rotten) rot(place)
    const { lostRecords } = await repair()
    expect(lostRecords).toEqual(rotten.map(({ sequence }) => sequence))
    opened = await openTestStore({}, files)
    expect(dump(opened)).toEqual(expected)
    expect((await opened.store.maintenance.fsck({ readData: true })).faults).toEqual([])
  })
})

/** Records without lasting facts, so that a part for each fact is worth its space. */
async function rename(times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await opened.store.repos.update('r', { description: `${n}` })
}

test('a part of which both copies rot is named by fsck, and repair keeps what the others say', async () => {
  await open(1)
  await live(opened)
  await rename(200)
  await opened.store.maintenance.gc()
  const expected = dump(opened)
  expect(expected['tags']).toHaveLength(1)
  const places = (await placesOf(files)).filter(({ path, offset }) => {
    const bytes = files.files.get(path)?.content() ?? Buffer.alloc(0)
    return bytes.subarray(offset, bytes.indexOf('\n', offset)).includes('tag.set')
  })
  expect(places).toHaveLength(2)
  for (const place of places) rot(place)
  const { faults } = await opened.store.maintenance.fsck()
  const named = faults.filter(({ kind }) => kind === 'record damaged')
  expect(named.map(({ subject }) => `/${subject}`)).toEqual(places.map(({ path }) => path))
  for (const [i, { what }] of named.entries()) {
    expect(what).toMatch(`record ${places[i]?.sequence} at ${(places[i]?.offset ?? 0) - 512}`)
  }
  await opened.close()
  const { lostRecords } = await repair()
  expect(lostRecords).toEqual(places.map(({ sequence }) => sequence))
  opened = await openTestStore({ checkpointPartBytes: 1 }, files)
  expect(dump(opened)).toEqual({ ...expected, tags: [] })
  expect((await opened.store.maintenance.fsck({ readData: true })).faults).toEqual([])
})

test('a checkpoint in one record, as all were once, is read and replaced by one in many', async () => {
  await open(8 << 20)
  await live(opened)
  await opened.store.maintenance.gc()
  const before = dump(opened)
  await openAgain(1)
  expect(dump(opened)).toEqual(before)
  await rename(200)
  const after = dump(opened)
  expect((await opened.store.maintenance.gc()).deadRecords).toBe(202)
  expect((await placesOf(files)).length).toBeGreaterThan(30)
  await openAgain(1)
  expect(dump(opened)).toEqual(after)
})

function bytesOf({ files }: MemoryFiles): number {
  return [...files.values()].reduce((sum, { size }) => sum + size, 0)
}
