import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestJobs, shellSpec, upperSpec, type TestJobs } from './jobs.fixture.ts'
import { collect } from '../repos/store.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('texts')
})
afterEach(() => t.close())

describe('a run that was cut short', () => {
  test('goes on with the datums that are not done', async () => {
    const texts = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`f${n}`, `${n}`]))
    await t.put('texts', texts)
    const lines = ['cp "$texts" /pfs/out/', 'sleep 0.05']
    await t.create(shellSpec('slow', 'texts', lines, { parallelism_spec: { constant: 1 } }))
    const stop = new AbortController()
    for await (const event of t.jobs.run({ signal: stop.signal })) {
      if (event.type === 'job.progress' && event.job.counters.processed >= 3) stop.abort()
    }
    const [left] = t.jobs.list()
    expect(left?.state).toBe('running')
    const done = await collect(t.jobs.datums.list('slow', { states: ['success'] }))
    expect(done.length).toBeGreaterThanOrEqual(3)
    expect(done.length).toBeLessThan(8)

    t = await t.reopen({ withoutCatalog: true })
    const runs: number[] = []
    for await (const event of t.jobs.run()) {
      if (event.type === 'job.progress') runs.push(event.job.counters.processed)
    }
    expect(t.jobs.inspect('slow')).toMatchObject({
      state: 'success',
      counters: { processed: 8, cached: 0, skipped: 0, total: 8 },
    })
    // The first count a resumed run tells already has what was done.
    expect(runs[0]).toBe(done.length)
    expect(await t.output('slow')).toEqual(texts)
  })

  test('keeps what failed before and succeeded after, in later jobs too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'varve-flag-'))
    const flag = join(folder, 'ready')
    // A path the sandbox does not take for the private /tmp.
    const first = `test -e "/${flag}" || case "$texts" in *a) exit 1 ;; *) sleep 0.2 ;; esac`
    const more = { datum_tries: 1, parallelism_spec: { constant: 1 } }
    await t.put('texts', { a: '1', b: '2', c: '3', d: '4', e: '5' })
    await t.create(shellSpec('odd', 'texts', [first, 'cp "$texts" /pfs/out/'], more))
    const stop = new AbortController()
    for await (const event of t.jobs.run({ signal: stop.signal })) {
      if (event.type === 'datum.failed') stop.abort()
    }
    expect(t.jobs.inspect('odd').state).toBe('running')
    writeFileSync(flag, '')
    expect(await t.run()).toMatchObject([{ state: 'success' }])

    await t.put('texts', { f: '6' })
    expect(await t.run()).toMatchObject([{ counters: { processed: 1, skipped: 5, total: 6 } }])
    expect(await t.output('odd')).toEqual({ a: '1', b: '2', c: '3', d: '4', e: '5', f: '6' })
    rmSync(folder, { recursive: true })
  })

  test('takes no result of other code for its own', async () => {
    await t.put('texts', { a: '1', b: '2', c: '3', d: '4' })
    const lines = ['sleep 0.1', 'cp "$texts" /pfs/out/']
    await t.create(shellSpec('slow', 'texts', lines, { parallelism_spec: { constant: 1 } }))
    const stop = new AbortController()
    for await (const event of t.jobs.run({ signal: stop.signal })) {
      if (event.type === 'job.progress' && event.job.counters.processed >= 1) stop.abort()
    }
    expect(t.jobs.inspect('slow').state).toBe('running')
    await t.jobs.pipelines.rerun('slow', { reprocess: true })
    await t.run()
    const { code } = t.jobs.inspect('slow')
    const datums = await collect(t.jobs.datums.list('slow'))
    expect(datums.map(({ fingerprint }) => fingerprint)).toEqual(Array(4).fill(code?.fingerprint))
  })

  test('leaves the same catalog behind when it is rebuilt from the records', async () => {
    await t.put('texts', { a: 'one', b: 'bad' })
    await t.create(upperSpec('up', 'texts'))
    await t.run()
    const before = [t.jobs.list(), t.jobs.pipelines.list()]
    const datums = await collect(t.jobs.datums.list('up'))
    t = await t.reopen({ withoutCatalog: true })
    expect([t.jobs.list(), t.jobs.pipelines.list()]).toEqual(before)
    expect(await collect(t.jobs.datums.list('up'))).toEqual(datums)
  })

  test('runs again when an operator has a newer version', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('up', 'texts'))
    await t.run()
    t = await t.reopen({ operatorVersion: 2 })
    await t.put('texts', { b: 'two' })
    const [job] = await t.run()
    expect(job).toMatchObject({ counters: { processed: 2, skipped: 0 } })
    const why = await t.jobs.why.file('up@master', 'a')
    expect(why.facts.join('\n')).toContain('the code changed: operator')
  })
})
