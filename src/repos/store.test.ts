import { afterEach, beforeEach, expect, test } from 'vitest'
import { collect, openTestStore, pathsOf, text, textOf, type TestStore } from './store.fixture.ts'

let opened: TestStore

beforeEach(async () => {
  opened = await openTestStore()
})
afterEach(() => opened.close())

test('a put on a branch is one finished commit, readable at once and after reopening', async () => {
  const { store } = opened
  await store.repos.create('images')
  const commit = await store.files.put('images@master', [
    text('a.txt', 'one'),
    text('d/b.txt', 'two'),
  ])
  expect(commit).toMatchObject({ state: 'finished', origin: 'USER', size: 6, count: 2 })
  expect(await textOf(store, 'images@master', 'd/b.txt')).toBe('two')
  opened = await opened.reopen()
  expect(await textOf(opened.store, `images@${commit.id}`, 'a.txt')).toBe('one')
  expect(await pathsOf(opened.store, 'images@master')).toEqual(['a.txt', 'd/b.txt'])
})

test('a catalog that was lost is rebuilt from the records and answers the same', async () => {
  const { store } = opened
  await store.repos.create('images', { description: 'photographs' })
  await store.files.put('images@master', [text('a', '1')])
  await store.files.put('images@dev', [text('b', '2')], { message: 'second' })
  await store.tags.set('v1', 'images@master')
  const dump = () => ({
    repos: opened.store.repos.list(),
    branches: opened.store.branches.list(),
    commits: opened.store.commits.list(),
    tags: opened.store.tags.list(),
  })
  const before = dump()
  opened = await opened.reopen({ withoutCatalog: true })
  expect(dump()).toEqual(before)
  expect(await opened.store.maintenance.reindex()).toEqual({ records: 4 })
  expect(dump()).toEqual(before)
})

test('a commit of a branch below carries the same id and opens in the same transaction', async () => {
  const { store } = opened
  for (const repo of ['a', 'left', 'right', 'join']) await store.repos.create(repo)
  const on = (repo: string) => ({ repo: store.repos.inspect(repo).repo, branch: 'master' })
  await store.branches.set('left@master', { inputs: [on('a')] })
  await store.branches.set('right@master', { inputs: [on('a')] })
  await store.branches.set('join@master', { inputs: [on('left'), on('right')] })
  const { id } = await store.files.put('a@master', [text('x', '1')])
  const set = store.commits.set(id)
  expect(set.commits.map(({ repo }) => repo)).toEqual([
    'default/a',
    'default/left',
    'default/right',
    'default/join',
  ])
  expect(store.commits.inspect('join@master')).toMatchObject({ id, state: 'open', origin: 'AUTO' })
  await expect(collect(store.files.walk('missing@master'))).rejects.toThrow('no repo')
})
