import { afterEach, beforeEach, expect, test } from 'vitest'
import { jobsReducer } from './index.ts'
import { openTestJobs, shellSpec, upperSpec, type TestJobs } from './jobs.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('texts')
})
afterEach(() => t.close())

const facts = () => [...jobsReducer.snapshot(t.store.db)].map((op) => JSON.stringify(op))

test('a checkpoint holds pipelines, jobs and results, those of a job cut short too', async () => {
  await t.put('texts', { a: 'x', b: 'y', bad: 'bad' })
  await t.create(upperSpec('upper', 'texts'))
  await t.run()
  await t.put('texts', Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`f${n}`, `${n}`])))
  await t.create(shellSpec('slow', 'texts', ['cp "$texts" /pfs/out/', 'sleep 0.05']))
  const stop = new AbortController()
  for await (const event of t.jobs.run({ signal: stop.signal })) {
    const isSlow = event.type === 'job.progress' && event.job.pipeline.endsWith('slow')
    if (isSlow && event.job.counters.processed >= 3) stop.abort()
  }
  // Records without lasting facts, so that a checkpoint is worth its space.
  for (let n = 0; n < 40; n += 1) {
    await t.store.repos.update('texts', { description: `${n}` })
  }
  const before = facts()
  expect(before.some((op) => op.includes('datums.done'))).toBe(true)
  expect((await t.store.maintenance.gc()).deadRecords).toBeGreaterThan(0)
  t = await t.reopen({ withoutCatalog: true })
  expect(facts()).toEqual(before)
  await t.run()
  expect(t.jobs.inspect('slow').state).toBe('success')
  expect((await t.store.maintenance.fsck({ readData: true })).faults).toEqual([])
})
