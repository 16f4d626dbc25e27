import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { collect } from '../repos/store.fixture.ts'
import { openTestJobs, shellSpec, upperSpec, type TestJobs } from './jobs.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('texts')
})
afterEach(() => t.close())

const texts = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`f${n}`, `text ${n}`]))

describe('a datum with more files than a record holds', () => {
  const whole = (more: object = {}) =>
    upperSpec('all', 'texts', { input: { pfs: { repo: 'texts', glob: '/' } }, ...more })

  test('keeps its lists in items that survive garbage collection', async () => {
    await t.put('texts', texts)
    await t.create(whole())
    await t.run()
    await t.store.maintenance.gc()
    const [datum] = await collect(t.jobs.datums.list('all'))
    expect(datum?.outputs).toHaveLength(50)
    await t.put('texts', { f0: 'changed' })
    expect(await t.run()).toMatchObject([{ state: 'success', counters: { processed: 1 } }])
    expect(Object.keys(await t.output('all'))).toHaveLength(50)
  })

  test('keeps its lists and its log after the job it ran in was squashed and garbage collected', async () => {
    const lines = [
      'echo said',
      'for n in $(seq 40); do cp "$texts" "/pfs/out/$(basename "$texts")$n"; done',
    ]
    await t.put('texts', { a: 'one' })
    await t.create(shellSpec('many', 'texts', lines, { cache: false }))
    await t.run()
    const { id } = t.jobs.inspect('many')
    await t.put('texts', { b: 'two' })
    await t.run()
    await t.store.commits.squashSet(id)
    await t.store.maintenance.gc()
    const datums = await collect(t.jobs.datums.list('many'))
    expect(datums.map(({ outputs }) => outputs.length)).toEqual([40, 40])
    const logs = datums.map(({ id: datum }) => collect(t.jobs.datums.logs('many', { datum })))
    for (const [log] of await Promise.all(logs)) expect(log?.text).toBe('said\n')
    await t.put('texts', { a: 'uno' })
    expect(await t.run()).toMatchObject([{ state: 'success', counters: { processed: 1 } }])
  })

  test('comes back from the cache after its commits and jobs are gone and garbage collected', async () => {
    await t.put('texts', texts)
    await t.create(whole())
    await t.run()
    await t.jobs.pipelines.delete('all')
    await t.store.maintenance.gc()
    await t.create(whole())
    expect(await t.run()).toMatchObject([{ counters: { processed: 1, cached: 1 } }])
    expect((await t.output('all'))['f7']).toBe('TEXT 7')
    expect((await t.store.maintenance.fsck({ readData: true })).faults).toEqual([])
    t = await t.reopen({ withoutCatalog: true })
    expect((await collect(t.jobs.datums.list('all')))[0]?.outputs).toHaveLength(50)
  })
})

describe('restarting a datum', () => {
  test('runs it again in a job that was cut short, and is refused once the job ended', async () => {
    await t.put('texts', { a: 'one', b: 'two' })
    const lines = ['test -e /pfs/out || exit 1', 'cp "$texts" /pfs/out/', 'sleep 0.1']
    await t.create(shellSpec('slow', 'texts', lines, { parallelism_spec: { constant: 1 } }))
    const stop = new AbortController()
    for await (const event of t.jobs.run({ signal: stop.signal })) {
      if (event.type === 'job.progress' && event.job.counters.processed === 1) stop.abort()
    }
    const [done] = await collect(t.jobs.datums.list('slow', { states: ['success'] }))
    await t.jobs.datums.restart('slow', done === undefined ? [] : [done.id])
    const left = await collect(t.jobs.datums.list('slow'))
    expect(left.map(({ state }) => state)).toEqual(['starting', 'starting'])
    expect(await t.run()).toMatchObject([{ counters: { processed: 2, cached: 0 } }])
    await expect(t.jobs.datums.restart('slow', [])).rejects.toMatchObject({
      code: 'COMMIT_FINISHED',
    })
  })
})

describe('running until', () => {
  test('a set is done leaves other sets alone, save what goes before it', async () => {
    await t.store.repos.create('other')
    await t.create(upperSpec('up', 'texts'))
    await t.create(upperSpec('else', 'other'))
    await t.run()
    await t.put('texts', { a: 'one' })
    await t.put('other', { b: 'two' })
    await t.put('texts', { c: 'three' })
    const set = t.store.commits.inspect('texts@master').id
    const ended: string[] = []
    for await (const event of t.jobs.run({ until: { set } })) {
      if (event.type === 'job.finished') ended.push(event.job.pipeline)
    }
    expect(ended).toEqual(['default/up', 'default/up'])
    expect(t.jobs.inspect('else').state).toBe('created')
  })
})
