import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSegmentStore } from '../segments/index.ts'
import { repairSegments } from '../segments/repair.ts'
import { memoryObjects, type MemoryFiles } from '../storage/index.ts'
import { crashStates, RecordingFiles } from '../storage/testing.ts'
import { openTestStore, pathsOf, text, textOf, type TestStore } from './store.fixture.ts'

let opened: TestStore
let files: RecordingFiles

beforeEach(async () => {
  files = new RecordingFiles()
  opened = await openTestStore({}, files)
})
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

async function recordsOf(files: MemoryFiles): Promise<number[]> {
  const segments = await openSegmentStore({
    objects: memoryObjects(files),
    indexPath: ':memory:',
    mode: 'read',
  })
  const sequences: number[] = []
  for await (const { at } of segments.records()) sequences.push(at.sequence)
  await segments.close()
  return sequences
}

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
  expect(await recordsOf(files)).toEqual([records.length + 1, records.length + 2])
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

test('one copy of a checkpoint may rot: repair finds the tables in the other', async () => {
  await live(opened)
  await opened.store.maintenance.gc()
  const expected = dump(opened)
  await opened.close()
  const meta = [...files.files].find(([, file]) => file.content().includes('"checkpoint"'))
  const bytes = meta?.[1].content() ?? Buffer.alloc(0)
  bytes[bytes.indexOf('"checkpoint"') + 3] = 0x21
  const objects = memoryObjects(files)
  const report = await repairSegments({ objects, indexPath: ':memory:', readData: true })
  expect(report.lostRecords).toHaveLength(1)
  opened = await openTestStore({}, files)
  expect(dump(opened)).toEqual(expected)
  expect((await opened.store.maintenance.fsck({ readData: true })).faults).toEqual([])
})

function bytesOf({ files }: MemoryFiles): number {
  return [...files.values()].reduce((sum, { size }) => sum + size, 0)
}
