import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestJobs, readSpec, shellSpec, upperSpec, type TestJobs } from './jobs.fixture.ts'
import { collect } from '../repos/store.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('texts')
})
afterEach(() => t.close())

describe('pipelines', () => {
  test('are refused when an input repo is missing, and nothing is left behind', async () => {
    await expect(t.create(upperSpec('up', 'nowhere'))).rejects.toMatchObject({
      code: 'REPO_NOT_FOUND',
    })
    expect(t.jobs.pipelines.list()).toEqual([])
    expect(t.store.repos.exists('up')).toBe(false)
  })

  test('are refused when they exist, when a repo has the name, and when they close a cycle', async () => {
    await t.create(upperSpec('up', 'texts'))
    await expect(t.create(upperSpec('up', 'texts'))).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    })
    await t.store.repos.create('taken')
    await t.put('taken', { a: 'mine' })
    await expect(t.create(upperSpec('taken', 'texts'))).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    })
    await t.create(upperSpec('two', 'up'))
    await expect(t.update(upperSpec('up', 'two'))).rejects.toMatchObject({ code: 'CYCLE' })
    expect(t.jobs.pipelines.inspect('up').version).toBe(1)
  })

  test('are refused without an input: results come from versioned inputs', async () => {
    await expect(readSpec(upperSpec('up', 'texts', { input: undefined }))).rejects.toThrow('input')
  })

  test('without a job say so where one is asked for', async () => {
    await t.create(upperSpec('up', 'texts'))
    await t.jobs.delete('up')
    expect(() => t.jobs.inspect('up')).toThrow('Pipeline "up" has no job.')
    expect(() => t.jobs.inspect('down')).toThrow('There is no pipeline "down".')
  })

  test('apply creates, leaves alone, and updates', async () => {
    const spec = await readSpec(upperSpec('up', 'texts'))
    const other = await readSpec(upperSpec('up', 'texts', { description: 'louder' }))
    expect((await t.jobs.pipelines.apply(spec)).outcome).toBe('created')
    expect((await t.jobs.pipelines.apply(spec)).outcome).toBe('unchanged')
    expect((await t.jobs.pipelines.apply(other)).outcome).toBe('updated')
    expect(t.jobs.pipelines.history('up').map(({ version }) => version)).toEqual([2, 1])
  })

  test('stopped make nothing, and started again catch up with the heads by one job', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('up', 'texts'))
    await t.run()
    await t.jobs.pipelines.stop('up')
    await t.put('texts', { b: 'two' })
    await t.put('texts', { c: 'three' })
    await t.update(upperSpec('up', 'texts', { description: 'still stopped' }))
    expect(await t.run()).toEqual([])
    await t.jobs.pipelines.start('up')
    expect(await t.run()).toMatchObject([{ counters: { processed: 2, skipped: 1 } }])
    await t.put('texts', { d: 'four' })
    expect(await t.run()).toHaveLength(1)
  })

  test('started after stopping killed a job run that work', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('up', 'texts'))
    await t.jobs.pipelines.stop('up')
    expect(t.jobs.inspect('up')).toMatchObject({ state: 'killed' })
    await t.jobs.pipelines.start('up')
    expect(await t.run()).toMatchObject([{ state: 'success', counters: { processed: 1 } }])
  })

  test('updated kill unfinished jobs of the old version and run on the same inputs', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('up', 'texts'))
    await t.update(upperSpec('up', 'texts', { transform: { operator: 'copy' } }))
    expect(await t.run()).toMatchObject([{ version: 2, state: 'success' }])
    expect(t.jobs.list().map(({ state }) => state)).toEqual(['success', 'killed'])
    expect(await t.output('up')).toEqual({ a: 'one' })
  })

  test('deleted take jobs and repo along, unless the repo is kept', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('up', 'texts'))
    await t.create(upperSpec('two', 'up'))
    await t.run()
    await expect(t.jobs.pipelines.delete('up')).rejects.toMatchObject({ code: 'IN_USE' })
    await t.jobs.pipelines.delete('two')
    await t.jobs.pipelines.delete('up', { keepRepo: true })
    expect(t.jobs.list()).toEqual([])
    expect(t.store.repos.exists('two')).toBe(false)
    expect(await t.output('up')).toEqual({ a: 'ONE' })
    await t.create(upperSpec('up', 'texts'))
    expect(await t.run()).toMatchObject([{ state: 'success', counters: { cached: 1 } }])
  })

  test('one commit of a diamond makes one job for each pipeline, all of one id', async () => {
    await t.create(upperSpec('left', 'texts'))
    await t.create(upperSpec('right', 'texts', { transform: { operator: 'copy' } }))
    await t.create({
      pipeline: { name: 'both' },
      transform: { operator: 'copy', params: { prefix: 'x' } },
      input: {
        union: [{ pfs: { repo: 'left', glob: '/*' } }, { pfs: { repo: 'right', glob: '/*' } }],
      },
    })
    await t.run()
    await t.put('texts', { a: 'ONE' })
    const jobs = await t.run()
    expect(jobs.map(({ pipeline }) => pipeline).sort()).toEqual([
      'default/both',
      'default/left',
      'default/right',
    ])
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1)
    expect(jobs.find(({ pipeline }) => pipeline === 'default/both')?.state).toBe('failure')
  })

  test('propagation_spec never starts no job, and what changed is seen by the next one', async () => {
    await t.store.repos.create('model')
    const input = {
      cross: [
        { pfs: { repo: 'texts', glob: '/*' } },
        { pfs: { repo: 'model', glob: '/', propagation_spec: { never: true } } },
      ],
    }
    await t.put('model', { m: 'v1' })
    await t.put('texts', { a: 'one' })
    await t.create(
      shellSpec('p', 'texts', ['cat /pfs/model/m > /pfs/out/$(basename $texts)'], { input }),
    )
    await t.run()
    await t.put('model', { m: 'v2' })
    expect(await t.run()).toEqual([])
    await t.put('texts', { b: 'two' })
    await t.run()
    expect(await t.output('p')).toEqual({ a: 'v2', b: 'v2' })
  })

  test('deferred processing: output on dev, and moving master runs what is below', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('up', 'texts', { output_branch: 'dev' }))
    await t.create(upperSpec('below', 'up'))
    await t.run()
    const before = await t.output('below')
    await t.store.branches.set('up@master', { head: 'up@dev' })
    const jobs = await t.run()
    expect(before).toEqual({})
    expect(jobs.map(({ pipeline }) => pipeline)).toEqual(['default/below'])
    expect(await t.output('below')).toEqual({ a: 'ONE' })
  })
})

describe('triggers', () => {
  test('let a pipeline see every second commit only', async () => {
    const input = { pfs: { repo: 'texts', glob: '/*', trigger: { branch: 'master', commits: 2 } } }
    await t.create(upperSpec('up', 'texts', { input }))
    await t.run()
    const seen: number[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await t.put('texts', { [name]: name })
      seen.push((await t.run()).length)
    }
    expect(seen).toEqual([0, 1, 0, 1, 0])
    expect(Object.keys(await t.output('up'))).toEqual(['a', 'b', 'c', 'd'])
    expect(t.store.branches.inspect('texts@up-trigger-1').trigger).toMatchObject({ commits: 2 })
  })

  test('fire by growth in size', async () => {
    const input = { pfs: { repo: 'texts', glob: '/*', trigger: { branch: 'master', size: '10' } } }
    await t.create(upperSpec('up', 'texts', { input }))
    await t.run()
    const seen: number[] = []
    for (const name of ['a', 'b', 'c']) {
      await t.put('texts', { [name]: 'x'.repeat(6) })
      seen.push((await t.run()).length)
    }
    expect(seen).toEqual([0, 1, 0])
  })
})

describe('cron inputs', () => {
  test('tick on demand: each tick is a commit of one more file and makes a job', async () => {
    await t.create({
      pipeline: { name: 'clock' },
      transform: { operator: 'copy' },
      input: { cron: { name: 'tick', spec: '@never' } },
    })
    await t.run()
    await t.jobs.cron.tickNow('clock')
    expect(await t.run()).toMatchObject([{ counters: { processed: 1, total: 1 } }])
    expect(await t.jobs.cron.tickDue()).toEqual([])
    expect(await t.jobs.cron.nextDue()).toBeUndefined()
  })

  test('catch up one tick at a time from the start, and keep one file with overwrite', async () => {
    const day = 86_400_000
    const midnight = Math.floor(Date.now() / day) * day
    const start = new Date(midnight - 4 * day + 1000).toISOString()
    await t.create({
      pipeline: { name: 'clock' },
      transform: { operator: 'copy' },
      input: { cron: { name: 'tick', spec: '@daily', start, overwrite: true } },
    })
    expect(await t.jobs.cron.tickDue()).toHaveLength(4)
    const files = await collect(t.store.files.walk('clock_tick@master'))
    const name = new Date(midnight).toISOString().replace('.000', '')
    expect(files.map(({ path }) => path)).toEqual([name])
    expect(await t.jobs.cron.nextDue()).toBe(midnight + day)
    const jobs = await t.run()
    expect(jobs.at(-1)).toMatchObject({ state: 'success', counters: { total: 1 } })
  })

  test('go on from a later start when an update names one', async () => {
    const hour = 3_600_000
    const now = Date.now()
    const cron = (startMs: number): object => ({
      pipeline: { name: 'clock' },
      transform: { operator: 'copy' },
      input: {
        cron: { name: 'tick', spec: '@every 1h', start: new Date(startMs).toISOString() },
      },
    })
    await t.create(cron(now - 1.5 * hour))
    expect(await t.jobs.cron.tickDue()).toHaveLength(1)
    const later = Math.floor((now + 10 * hour) / 1000) * 1000
    await t.update(cron(later))
    expect(await t.jobs.cron.nextDue()).toBe(later + hour)
    expect(await t.jobs.cron.tickDue()).toEqual([])
  })
})
