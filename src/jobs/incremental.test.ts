import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestJobs, shellSpec, upperSpec, type TestJobs } from './jobs.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('texts')
})
afterEach(() => t.close())

const counters = (job: { counters: object } | undefined) => job?.counters

describe('a pipeline run again', () => {
  test('processes every datum first, and after a change only what changed', async () => {
    await t.put('texts', { a: 'one', b: 'two', c: 'three' })
    await t.create(upperSpec('up', 'texts'))
    const [first] = await t.run()
    expect(first).toMatchObject({ state: 'success', counters: { processed: 3, total: 3 } })
    expect(await t.output('up')).toEqual({ a: 'ONE', b: 'TWO', c: 'THREE' })

    await t.put('texts', { b: 'zwei', d: 'four' })
    await t.store.files.delete('texts@master', ['c'])
    const again = await t.run()
    expect(again.map(counters)).toMatchObject([
      { processed: 2, skipped: 2, total: 4 },
      { processed: 0, skipped: 3, total: 3 },
    ])
    expect(await t.output('up')).toEqual({ a: 'ONE', b: 'ZWEI', d: 'FOUR' })
    expect(t.calls.count).toBe(5)
  })

  test('runs a command in the sandbox and takes what it wrote', async () => {
    await t.put('texts', { a: 'one', b: 'two' })
    await t.create(shellSpec('copy', 'texts', ['cat "$texts" > /pfs/out/$(basename "$texts").txt']))
    const [job] = await t.run()
    expect(job).toMatchObject({ state: 'success', counters: { processed: 2, total: 2 } })
    expect(await t.output('copy')).toEqual({ 'a.txt': 'one', 'b.txt': 'two' })
  })

  test('gives one job for many old commits, and none when nothing changed', async () => {
    await t.put('texts', { a: 'one' })
    await t.put('texts', { b: 'two' })
    await t.create(upperSpec('up', 'texts'))
    expect(await t.run()).toHaveLength(1)
    expect(await t.run()).toHaveLength(0)
  })

  test('borrows results from the cache when content comes back', async () => {
    await t.create(upperSpec('up', 'texts'))
    await t.put('texts', { a: 'one' })
    await t.run()
    await t.put('texts', { a: 'two' })
    await t.run()
    await t.put('texts', { a: 'one' })
    const [job] = await t.run()
    expect(job).toMatchObject({ counters: { processed: 1, cached: 1, skipped: 0, total: 1 } })
    expect(t.calls.count).toBe(2)
    expect(await t.output('up')).toEqual({ a: 'ONE' })
  })

  test('shares the cache between pipelines with equal code, unless they opt out', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('first', 'texts'))
    await t.run()
    await t.create(upperSpec('second', 'texts'))
    const [second] = await t.run()
    expect(second).toMatchObject({ counters: { processed: 1, cached: 1 } })
    await t.create(upperSpec('third', 'texts', { reprocess_spec: 'every_job' }))
    const [third] = await t.run()
    expect(third).toMatchObject({ counters: { processed: 1, cached: 0 } })
  })

  test('runs all of it when the code changed and says which part of it did', async () => {
    await t.put('texts', { a: 'one', b: 'two' })
    await t.create(upperSpec('up', 'texts'))
    await t.run()
    await t.update({
      ...upperSpec('up', 'texts'),
      transform: { operator: 'upper', params: { suffix: '.up' } },
    })
    for await (const plan of t.jobs.plan()) {
      expect(plan).toMatchObject({ kind: 'all', run: 2, skip: 0 })
      expect(plan.why).toContain('params')
    }
    const [job] = await t.run()
    expect(job).toMatchObject({ version: 2, counters: { processed: 2, skipped: 0, cached: 0 } })
    expect(await t.output('up')).toEqual({ 'a.up': 'ONE', 'b.up': 'TWO' })
  })

  test('keeps equal datums when only the list of datums changed', async () => {
    await t.put('texts', { 'a.txt': 'one', 'b.md': 'two' })
    await t.create(upperSpec('up', 'texts', { input: { pfs: { repo: 'texts', glob: '/*' } } }))
    await t.run()
    await t.update(upperSpec('up', 'texts', { input: { pfs: { repo: 'texts', glob: '/*.txt' } } }))
    const [job] = await t.run()
    expect(job).toMatchObject({ counters: { processed: 0, skipped: 1, total: 1 } })
    expect(await t.output('up')).toEqual({ 'a.txt': 'ONE' })
    // What was kept is a base like any other.
    await t.put('texts', { 'c.txt': 'drei' })
    const [next] = await t.run()
    expect(next).toMatchObject({ counters: { processed: 1, skipped: 1, total: 2 } })
  })

  test('reprocess runs everything although nothing changed', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(upperSpec('up', 'texts'))
    await t.run()
    await t.update(upperSpec('up', 'texts'), { reprocess: true })
    const [job] = await t.run()
    expect(job).toMatchObject({ counters: { processed: 1, cached: 0, skipped: 0 } })
    expect(t.calls.count).toBe(2)
  })

  test('an output equal to its parent ends the next pipeline without planning it', async () => {
    await t.put('texts', { a: 'one' })
    await t.create(shellSpec('len', 'texts', ['wc -c < "$texts" > /pfs/out/$(basename $texts)']))
    await t.create(upperSpec('next', 'len'))
    await t.run()
    const before = t.calls.count
    await t.put('texts', { a: 'two' })
    const [len, next] = await t.run()
    expect(len).toMatchObject({ pipeline: 'default/len', counters: { processed: 1 } })
    expect(next).toMatchObject({
      pipeline: 'default/next',
      state: 'success',
      counters: { processed: 0, skipped: 1, total: 1 },
    })
    expect(next?.reason).toContain('neither inputs nor code changed')
    expect(t.calls.count).toBe(before)
  })

  test('an empty input gives no datums and succeeds', async () => {
    await t.create(upperSpec('up', 'texts', { input: { pfs: { repo: 'texts', glob: '/' } } }))
    await t.put('texts', { a: 'one' })
    await t.store.files.delete('texts@master', ['/'])
    const jobs = await t.run()
    expect(jobs.at(-1)).toMatchObject({ state: 'success', counters: { total: 0 } })
  })

  test('a path may move from one datum to another', async () => {
    const line = ['cp "$texts" /pfs/out/$(head -c 1 "$texts")']
    await t.put('texts', { one: 'xa', two: 'yb' })
    await t.create(shellSpec('first', 'texts', line))
    await t.run()
    await t.put('texts', { one: 'yc', two: 'xd' })
    const [job] = await t.run()
    expect(job?.state).toBe('success')
    expect(await t.output('first')).toEqual({ x: 'xd', y: 'yc' })
  })

  test('links into inputs become files without their bytes being written again', async () => {
    await t.put('texts', { 'dir/a': 'one' })
    await t.create(shellSpec('link', 'texts', ['ln -s /pfs/texts/dir/a /pfs/out/b']))
    const [job] = await t.run()
    expect(job?.state).toBe('success')
    expect(await t.output('link')).toEqual({ b: 'one' })
    const [from, to] = [
      await t.store.files.inspect('texts@master', 'dir/a'),
      await t.store.files.inspect('link@master', 'b'),
    ]
    expect('digest' in to && 'digest' in from && to.digest === from.digest).toBe(true)
  })
})
