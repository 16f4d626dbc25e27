import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FaultyFiles, RecordingFiles } from '../storage/testing.ts'
import { openOnDisk } from './disk-store.fixture.ts'
import { pathsOf, text } from './store.fixture.ts'
import type { CatalogReducer } from './types/catalog.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'varve-faults-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Its tables refuse the end of a transaction while `isIll`, as a full disk would. */
function illReducer() {
  const health = { isIll: false }
  const reducer: CatalogReducer = {
    name: 'ill',
    version: 1,
    tables: `CREATE TABLE place (id INTEGER PRIMARY KEY);
      CREATE TABLE thing (place INTEGER REFERENCES place DEFERRABLE INITIALLY DEFERRED)`,
    ops: ['thing.add'],
    apply: (db) => {
      if (!health.isIll) db.run('INSERT OR IGNORE INTO place VALUES (1)')
      db.run('INSERT INTO thing VALUES (1)')
    },
    snapshot: () => [],
  }
  return { health, reducer }
}

test('a catalog that fails to commit once is folded again: the caller hears success, and it is true', async () => {
  const { health, reducer } = illReducer()
  const { store, close } = await openOnDisk(folder, 'write', { reducers: [reducer] })
  health.isIll = true
  await store.transact(async (tx) => {
    tx.emit({ op: 'thing.add' })
    await tx.repos.create('r')
    health.isIll = true
    queueMicrotask(() => (health.isIll = false))
  })
  expect(store.repos.exists('r')).toBe(true)
  expect(store.db.all('SELECT * FROM thing')).toHaveLength(1)
  await store.repos.create('after')
  await close()
})

test('a catalog that goes on failing says that the change is stored, and has it once it is well', async () => {
  const { health, reducer } = illReducer()
  const { store, close } = await openOnDisk(folder, 'write', { reducers: [reducer] })
  health.isIll = true
  const change = store.transact(async (tx) => {
    tx.emit({ op: 'thing.add' })
    await tx.repos.create('r')
  })
  await expect(change).rejects.toMatchObject({ code: 'IO_FAILED', data: { stored: true } })
  expect(store.repos.exists('r')).toBe(false)
  health.isIll = false
  await store.repos.create('after')
  expect(store.repos.list().map(({ name }) => name)).toEqual(['after', 'r'])
  await close()
  const again = await openOnDisk(folder, 'write', { reducers: [reducer] })
  expect(again.store.repos.list()).toHaveLength(2)
  await again.close()
})

test('a disk that fills up during a put is one clean error at any instant, and nothing half done stays', async () => {
  let failures = 0
  for (let operation = 1; ; operation += 1) {
    const place = mkdtempSync(join(folder, 'store-'))
    const base = new RecordingFiles()
    const before = await openOnDisk(place, 'write', { files: base })
    await before.store.repos.create('r')
    await before.store.files.put('r@master', [text('before', 'x')])
    await before.close()
    const files = new FaultyFiles({ operation, code: 'ENOSPC' }, base)
    const outcome = await putTwo(place, files)
    if (!files.hasFailed) break
    failures += 1
    expect(outcome).toMatchObject({ code: 'DISK_FULL' })
    const again = await openOnDisk(place, 'write', { files: base })
    expect(await pathsOf(again.store, 'r@master')).toEqual(['before'])
    await again.store.files.put('r@master', [text('a', 'a')])
    expect((await again.store.maintenance.fsck({ readData: true })).faults).toEqual([])
    await again.close()
  }
  expect(failures).toBeGreaterThan(2)
})

test.each(['ENOSPC', 'EIO'] as const)(
  'a collection that meets %s at any instant changes nothing that is seen, and the next one works',
  async (code) => {
    let failures = 0
    for (let operation = 1; ; operation += 3) {
      const place = mkdtempSync(join(folder, 'store-'))
      const base = new RecordingFiles()
      const before = await openOnDisk(place, 'write', { files: base })
      await before.store.repos.create('r')
      for (let n = 0; n < 100; n += 1) {
        await before.store.repos.update('r', { description: `${n}` })
      }
      for (const name of ['a', 'b', 'c', 'd']) await before.store.repos.create(name)
      const expected = before.store.repos.list()
      await before.close()
      const files = new FaultyFiles({ operation, code }, base)
      await collect(place, files)
      if (!files.hasFailed) break
      failures += 1
      const again = await openOnDisk(place, 'write', { files: base, checkpointPartBytes: 1 })
      expect(again.store.repos.list()).toEqual(expected)
      await again.store.repos.create('after')
      await again.store.maintenance.gc()
      await again.store.maintenance.reindex()
      expect(again.store.repos.list()).toHaveLength(expected.length + 1)
      expect((await again.store.maintenance.fsck({ readData: true })).faults).toEqual([])
      await again.close()
    }
    expect(failures).toBeGreaterThan(5)
  },
)

async function collect(place: string, files: FaultyFiles): Promise<void> {
  try {
    const { store, close } = await openOnDisk(place, 'write', { files, checkpointPartBytes: 1 })
    try {
      await store.maintenance.gc()
    } finally {
      await close()
    }
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^(DISK_FULL|IO_FAILED)$/) })
  }
}

async function putTwo(place: string, files: FaultyFiles): Promise<unknown> {
  try {
    const { store, close } = await openOnDisk(place, 'write', { files })
    try {
      await store.files.put('r@master', [text('a', 'a'.repeat(5000)), text('b', 'b')])
    } finally {
      await close()
    }
    return undefined
  } catch (error) {
    return error
  }
}
