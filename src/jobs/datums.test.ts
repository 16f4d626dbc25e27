import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { collect } from '../repos/store.fixture.ts'
import { openTestJobs, upperSpec, type TestJobs } from './jobs.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('texts')
  await t.put('texts', { a: 'one', b: 'two', c: 'three' })
  await t.create(upperSpec('up', 'texts'))
})
afterEach(() => t.close())

const listed = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await collect(t.jobs.datums.list('up'))).map(({ inputs, state }) => [inputs[0]?.path, state]),
  )

describe('the datums of a job that has not ended', () => {
  test('are all there before any ran, with what each is going to run for', async () => {
    const datums = await collect(t.jobs.datums.list('up'))
    expect(datums).toHaveLength(3)
    expect(datums[0]).toMatchObject({ state: 'starting', reason: { kind: 'no base' }, tries: 0 })
    expect(await collect(t.jobs.datums.list('up', { states: ['success'] }))).toEqual([])
  })

  test('are what an incremental job runs and what it keeps, each once', async () => {
    await t.run()
    await t.put('texts', { b: 'zwei', d: 'vier' })
    await t.store.files.delete('texts@master', ['c'])
    // Two jobs wait: the first is planned against what ran, the newest against nothing finished since.
    expect(await listed()).toEqual({ a: 'skipped', b: 'starting', d: 'starting' })
    const jobs = t.jobs.list({ pipeline: 'up' })
    await t.run()
    expect(jobs[0]?.state).toBe('created')
    expect(await listed()).toEqual({ a: 'skipped', b: 'skipped', d: 'skipped' })
  })

  test('are all counted before the first has run, so that what is left is known', async () => {
    const seen: unknown[] = []
    for await (const event of t.jobs.run()) {
      if (event.type !== 'job.progress') continue
      seen.push({ planned: event.planned, total: event.job.counters.total })
    }
    expect(seen.length).toBeGreaterThan(2)
    expect(seen).toEqual(seen.map(() => ({ planned: true, total: 3 })))
  })

  test('are found by the beginning of their id, which must be of one', async () => {
    const [first] = await collect(t.jobs.datums.list('up'))
    const id = first?.id ?? ''
    expect(await t.jobs.datums.inspect('up', id.slice(0, 12))).toEqual(first)
    expect(await t.jobs.datums.inspect('up', id)).toEqual(first)
    await expect(t.jobs.datums.inspect('up', '')).rejects.toThrow('more than one datum')
    await expect(t.jobs.datums.inspect('up', 'zz')).rejects.toMatchObject({
      code: 'DATUM_NOT_FOUND',
    })
    const why = await t.jobs.why.datum('up', id)
    expect(why.summary).toContain('is going to run in job')
  })

  test('cannot be restarted while this process runs the job', async () => {
    const refused: unknown[] = []
    for await (const event of t.jobs.run()) {
      if (event.type !== 'job.started') continue
      await t.jobs.datums.restart(event.job, []).catch((error: unknown) => refused.push(error))
    }
    expect(refused).toMatchObject([{ code: 'IN_USE' }])
    expect(t.jobs.inspect('up').state).toBe('success')
  })
})

describe('running a pipeline again', () => {
  test('on equal inputs runs nothing, and with reprocess runs all', async () => {
    await t.run()
    await t.jobs.pipelines.rerun('up')
    expect(await t.run()).toMatchObject([
      { state: 'success', counters: { processed: 0, skipped: 3, total: 3 } },
    ])
    await t.jobs.pipelines.rerun('up', { reprocess: true })
    expect(await t.run()).toMatchObject([
      { state: 'success', counters: { processed: 3, cached: 0, skipped: 0, total: 3 } },
    ])
    expect(t.calls.count).toBe(6)
  })

  test('after a failed job runs what failed, and takes the rest from the cache', async () => {
    await t.put('texts', { b: 'bad' })
    const failed = await t.run()
    expect(failed.map(({ state }) => state)).toEqual(['success', 'failure'])
    const before = t.calls.count
    await t.jobs.pipelines.rerun('up')
    expect(await t.run()).toMatchObject([{ state: 'failure', counters: { failed: 1 } }])
    expect(t.calls.count).toBe(before + 1)
  })
})
