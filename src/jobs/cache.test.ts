import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Digest } from '../model/index.ts'
import { openTestJobs, upperSpec, type TestJobs } from './jobs.fixture.ts'

const day = 24 * 3600 * 1000
let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('texts')
  await t.put('texts', { a: 'one', b: 'two' })
  await t.create(upperSpec('up', 'texts'))
  await t.run()
})
afterEach(() => t.close())

/** Runs the pipeline again from nothing; answers how many results the cache still had. */
async function cachedAfterAll(): Promise<number | undefined> {
  await t.create(upperSpec('up', 'texts'))
  const [job] = await t.run()
  expect(job?.state).toBe('success')
  expect(await t.output('up')).toEqual({ a: 'ONE', b: 'TWO' })
  return job?.counters.cached
}

describe('trimming the datum cache', () => {
  test('leaves results of jobs that exist alone, whatever the limits', async () => {
    expect(await t.jobs.trimCache({ maxAgeMs: -day, maxBytes: 0 })).toEqual({
      dropped: 0,
      droppedBytes: 0,
      kept: 0,
    })
  })

  test('keeps results of jobs that are gone while they are young and few', async () => {
    await t.jobs.pipelines.delete('up')
    const trim = await t.jobs.trimCache({ maxAgeMs: day, maxBytes: 6 })
    expect(trim).toEqual({ dropped: 0, droppedBytes: 0, kept: 2 })
    await t.store.maintenance.gc()
    expect(await cachedAfterAll()).toBe(2)
  })

  test('drops what nobody used for long, and garbage collection frees it', async () => {
    await t.jobs.pipelines.delete('up')
    const before = await t.store.maintenance.gc()
    const trim = await t.jobs.trimCache({ maxAgeMs: -1 })
    expect(trim).toEqual({ dropped: 2, droppedBytes: 6, kept: 0 })
    const after = await t.store.maintenance.gc()
    expect(before.liveItems - after.liveItems).toBe(2)
    expect(await cachedAfterAll()).toBe(0)
    expect((await t.store.maintenance.fsck({ readData: true })).faults).toEqual([])
  })

  test('drops those used longest ago first when they are too large together', async () => {
    await t.jobs.pipelines.delete('up')
    // A job over b alone uses its result once more.
    await t.create(
      upperSpec('later', 'texts', { input: { pfs: { name: 'texts', repo: 'texts', glob: '/b' } } }),
    )
    expect(await t.run()).toMatchObject([{ counters: { processed: 1, cached: 1 } }])
    await t.jobs.pipelines.delete('later')
    const trim = await t.jobs.trimCache({ maxBytes: 3 })
    expect(trim).toEqual({ dropped: 1, droppedBytes: 3, kept: 1 })
    await t.create(upperSpec('up', 'texts'))
    expect(await t.run()).toMatchObject([{ counters: { processed: 2, cached: 1 } }])
  })

  test('changes nothing in a dry run', async () => {
    await t.jobs.pipelines.delete('up')
    expect((await t.jobs.trimCache({ maxBytes: 0, dryRun: true })).dropped).toBe(2)
    expect(await cachedAfterAll()).toBe(2)
  })

  test('is remembered by the records, with who used what last', async () => {
    await t.jobs.pipelines.delete('up')
    await t.jobs.trimCache({ maxBytes: 3 })
    t = await t.reopen({ withoutCatalog: true })
    expect(await t.jobs.trimCache({ maxBytes: 3 })).toEqual({
      dropped: 0,
      droppedBytes: 0,
      kept: 1,
    })
    expect(await cachedAfterAll()).toBe(1)
  })
})

test('a cached result whose bytes are lost counts as none, and is replaced', async () => {
  await t.store.transact((tx) => {
    // What a repair of damaged segments leaves behind: an entry, and none of its items.
    const lost = 'ab'.repeat(32) as Digest
    const entries = t.store.db.all('SELECT hex(key) AS key, doc FROM datum_cache').map((row) => ({
      key: String(row['key']).toLowerCase() as Digest,
      record: {
        ...(JSON.parse(String(row['doc'])) as object),
        outputs: [{ path: 'a', digest: lost, size: 3 }],
      },
      use: { pipeline: 'default/up', job: '0'.repeat(32), usedAt: 1 },
    }))
    tx.emit({ op: 'cache.put', entries } as { op: string })
  })
  await t.jobs.pipelines.delete('up')
  expect(await cachedAfterAll()).toBe(0)
  await t.jobs.pipelines.delete('up')
  expect(await cachedAfterAll()).toBe(2)
})
