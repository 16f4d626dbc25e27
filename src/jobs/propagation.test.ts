import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestJobs, upperSpec, type TestJobs } from './jobs.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('texts')
  await t.put('texts', { a: 'one' })
})
afterEach(() => t.close())

describe('a branch somebody gave provenance by hand', () => {
  beforeEach(async () => {
    await t.store.repos.create('notes')
    await t.put('notes', { read: 'me' })
    const inputs = [{ repo: 'default/texts' as never, branch: 'master' }]
    await t.store.branches.set('notes@master', { inputs })
  })

  test('gets commits that are finished at once, with the content it had', async () => {
    await t.put('texts', { b: 'two' })
    const head = t.store.commits.inspect('notes@master')
    const cause = t.store.commits.inspect('texts@master')
    expect(head).toMatchObject({ id: cause.id, state: 'finished', origin: 'AUTO' })
    expect(await t.output('notes')).toEqual({ read: 'me' })
    expect(t.jobs.list()).toEqual([])
  })

  test('keeps no pipeline below it waiting', async () => {
    await t.create(upperSpec('below', 'notes'))
    await t.put('texts', { b: 'two' })
    const states = (await t.run()).map(({ state }) => state)
    expect(states).toEqual(['success', 'success'])
    expect(await t.output('below')).toEqual({ read: 'ME' })
  })
})

test("another branch of an output repo is nobody's output, and is finished at once too", async () => {
  await t.create(upperSpec('up', 'texts'))
  await t.run()
  const inputs = [{ repo: 'default/texts' as never, branch: 'master' }]
  await t.store.branches.set('up@side', { inputs })
  await t.put('texts', { b: 'two' })
  expect(t.store.commits.inspect('up@side').state).toBe('finished')
  expect(await t.run()).toMatchObject([{ pipeline: 'default/up', state: 'success' }])
})
