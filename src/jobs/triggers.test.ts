import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BranchTrigger } from '../repos/index.ts'
import { jobsReducer } from './index.ts'
import { openTestJobs, type TestJobs } from './jobs.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('data')
})
afterEach(() => t.close())

const watch = (trigger: Omit<BranchTrigger, 'branch'>) =>
  t.store.branches.set('data@late', { trigger: { branch: 'master', ...trigger } })
const fired = () => {
  const { head } = t.store.branches.inspect('data@late')
  return head !== undefined && head === t.store.branches.inspect('data@master').head
}
const facts = () => [...jobsReducer.snapshot(t.store.db)].filter(({ op }) => op === 'trigger.set')

const removals: [string, () => Promise<unknown>][] = [
  ['repo', () => t.store.repos.delete('data').then(() => t.store.repos.create('data'))],
  ['branch', () => t.store.branches.delete('data@late')],
]

describe.each(removals)(
  'a trigger whose %s was deleted and made again starts anew',
  (_, remove) => {
    test('it fires at its size, not at its size beyond what the earlier one had seen', async () => {
      await watch({ size: 10 })
      await t.put('data', { a: 'x'.repeat(1000) })
      expect(fired()).toBe(true)
      await remove()
      await t.put('data', { a: 'x' })
      await watch({ size: 10 })
      await t.put('data', { b: 'y'.repeat(10) })
      expect(fired()).toBe(true)
    })

    test('it does not count commits the earlier one had seen', async () => {
      await watch({ commits: 2 })
      await t.put('data', { a: 'x' })
      await remove()
      await watch({ commits: 2 })
      await t.put('data', { b: 'y' })
      expect(fired()).toBe(false)
      await t.put('data', { c: 'z' })
      expect(fired()).toBe(true)
    })

    test('it is not held back by the rate at which the earlier one fired', async () => {
      await watch({ rateLimit: '@yearly' })
      await t.put('data', { a: 'x' })
      await remove()
      await watch({ rateLimit: '@yearly' })
      await t.put('data', { b: 'y' })
      expect(fired()).toBe(true)
    })

    test('nothing of the earlier one is left, in the catalog and in one made anew', async () => {
      await t.store.repos.create('other')
      await t.store.branches.set('other@late', { trigger: { branch: 'master', commits: 5 } })
      await t.put('other', { a: 'x' })
      const before = facts()
      await watch({ commits: 2 })
      await t.put('data', { a: 'x' })
      expect(facts()).toHaveLength(before.length + 1)
      await remove()
      expect(facts()).toEqual(before)
      t = await t.reopen({ withoutCatalog: true })
      expect(facts()).toEqual(before)
      expect((await t.store.maintenance.fsck({})).faults).toEqual([])
    })
  },
)
