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
})
