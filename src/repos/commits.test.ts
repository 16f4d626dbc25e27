import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestStore, pathsOf, text, textOf, type TestStore } from './store.fixture.ts'
import type { Store } from './types/store.ts'
import type { CommitInfo } from './types/values.ts'

let opened: TestStore
let store: Store

beforeEach(async () => {
  opened = await openTestStore()
  store = opened.store
  await store.repos.create('r')
})
afterEach(() => opened.close())

async function three(): Promise<CommitInfo[]> {
  const commits: CommitInfo[] = []
  for (const n of [1, 2, 3]) commits.push(await store.files.put('r@master', [text('n', String(n))]))
  return commits
}

test('ancestry counts back from a name and forward from the start of its history', async () => {
  const [one, two, three_] = (await three()).map(({ id }) => id)
  const id = (name: string) => store.commits.find(name)?.id
  expect([id('r@master'), id('r@master^'), id('r@master~2'), id('r@master^^')]).toEqual([
    three_,
    two,
    one,
    one,
  ])
  expect([id('r@master.1'), id('r@master.3'), id(`r@${three_}^`)]).toEqual([one, three_, two])
  expect([id('r@master^3'), id('r@master.4'), id('r@master.0')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(id(`r@master=${two}`)).toBe(two)
  expect(() => store.commits.inspect('r@master^3')).toThrow('no commit r@master^3')
  expect(() => store.commits.inspect('r@master^.1')).toThrow('does not name a commit')
  expect(() => store.commits.inspect('r@nowhere')).toThrow('no branch "nowhere"')
})

test('an open commit takes writes until it is finished; afterwards its id answers COMMIT_FINISHED', async () => {
  const started = await store.commits.start('r@master', { message: 'by hand' })
  await store.files.put('r@master', [text('a', '1')])
  await store.files.put(`r@${started.id}`, [text('b', '2')])
  expect(await pathsOf(store, 'r@master')).toEqual(['a', 'b'])
  await expect(store.commits.start('r@master')).rejects.toMatchObject({ code: 'COMMIT_OPEN' })
  const done = await store.commits.finish('r@master')
  expect(done).toMatchObject({ id: started.id, state: 'finished', message: 'by hand', count: 2 })
  await expect(store.files.put(`r@${started.id}`, [text('c', '3')])).rejects.toMatchObject({
    code: 'COMMIT_FINISHED',
  })
  await expect(store.commits.finish('r@master')).rejects.toMatchObject({ code: 'COMMIT_FINISHED' })
  expect(store.commits.list({ repo: 'r' }).length).toBe(1)
})

test('an open commit and what was written into it survive a restart', async () => {
  await store.commits.start('r@master')
  await store.files.put('r@master', [text('a', '1')])
  opened = await opened.reopen({ withoutCatalog: true })
  expect(await textOf(opened.store, 'r@master', 'a')).toBe('1')
  expect(opened.store.commits.inspect('r@master').state).toBe('open')
})

test('a failed output shows the last good content by branch and its own by id; children skip it', async () => {
  await store.repos.create('out')
  const input = { repo: store.repos.inspect('r').repo, branch: 'master' }
  await store.branches.set('out@master', { inputs: [input] })
  const root = async (content: string) =>
    (await store.files.put('r@scratch', [text('o', content)])).files
  const finish = async (files: string, error?: string) => {
    const { repo, id } = store.commits.inspect('out@master')
    const result = { commit: { repo, id }, files: await root(files) }
    return store.commits.finishAuto(error === undefined ? result : { ...result, error })
  }
  await finish('good')
  await store.files.put('r@master', [text('x', '1')])
  expect(await textOf(store, 'out@master', 'o')).toBe('good')
  const failed = await finish('partial', 'datum 1 failed')
  expect(store.commits.inspect('out@master')).toMatchObject({ error: 'datum 1 failed' })
  expect(await textOf(store, 'out@master', 'o')).toBe('good')
  expect(await textOf(store, `out@${failed.id}`, 'o')).toBe('partial')
  await store.files.put('r@master', [text('x', '2')])
  const next = store.commits.inspect('out@master')
  expect(next).toMatchObject({ parent: failed.id, state: 'open' })
  expect(await textOf(store, `out@${next.id}`, 'o')).toBe('good')
  expect(store.commits.lastGood('out@master')?.error).toBe(undefined)
})

test('an id resolves through provenance to the version that was input', async () => {
  await store.repos.create('other')
  const before = await store.files.put('other@master', [text('o', '1')])
  await store.repos.create('out')
  const on = (repo: string) => ({ repo: store.repos.inspect(repo).repo, branch: 'master' })
  await store.branches.set('out@master', { inputs: [on('r'), on('other')] })
  const { id } = await store.files.put('r@master', [text('x', '1')])
  await store.files.put('other@master', [text('o', '2')])
  expect(store.commits.inspect(`other@${id}`).id).toBe(before.id)
  expect(await textOf(store, `other@${id}`, 'o')).toBe('1')
})

test('a branch moved back goes on from there, and what is below it follows', async () => {
  await store.repos.create('out')
  const input = { repo: store.repos.inspect('r').repo, branch: 'master' }
  await store.branches.set('out@master', { inputs: [input] })
  const [one, , last] = await three()
  await store.branches.set('r@master', { head: one?.id ?? '' })
  const below = store.commits.inspect('out@master')
  expect(below.provenance).toEqual([{ repo: input.repo, id: one?.id }])
  const next = await store.files.put('r@master', [text('n', 'again')])
  expect(next.parent).toBe(one?.id)
  expect(store.commits.inspect(`r@${last?.id}`).state).toBe('finished')
})

test('a branch with a dot in its name is itself, not a place in another', async () => {
  await three()
  await store.branches.set('r@master.2', { head: 'master' })
  expect(store.commits.inspect('r@master.2').id).toBe(store.commits.inspect('r@master').id)
  const next = await store.files.put('r@master.2', [text('n', '4')])
  expect(next.branch).toBe('master.2')
  expect(store.commits.inspect('r@master.2^').branch).toBe('master')
})

test('a tag names a commit for good and keeps it from being dropped', async () => {
  const [one] = await three()
  await store.tags.set('v1', 'r@master.1')
  expect(store.commits.inspect('r@v1').id).toBe(one?.id)
  expect(await textOf(store, 'r@v1', 'n')).toBe('1')
  await expect(store.files.put('r@v1', [text('n', '9')])).rejects.toMatchObject({
    code: 'COMMIT_FINISHED',
  })
  await store.tags.set('last', 'r@master')
  await expect(store.commits.drop('r@master')).rejects.toMatchObject({ code: 'IN_USE' })
  await expect(store.branches.set('r@v1')).rejects.toMatchObject({ code: 'NAME_INVALID' })
})

test('squash needs a finished child, drop needs none; both leave other content alone', async () => {
  const [one, two, last] = await three()
  await expect(store.commits.drop(`r@${one?.id}`)).rejects.toMatchObject({ code: 'IN_USE' })
  await expect(store.commits.squashSet(last?.id as CommitInfo['id'])).rejects.toMatchObject({
    code: 'IN_USE',
  })
  await store.commits.squashSet(two?.id as CommitInfo['id'])
  expect(store.commits.inspect('r@master').parent).toBe(one?.id)
  await store.commits.drop('r@master')
  expect(await textOf(store, 'r@master', 'n')).toBe('1')
  await store.commits.drop('r@master')
  expect(store.branches.inspect('r@master').head).toBe(undefined)
})

test('squashing one commit leaves the others of its set where they are', async () => {
  await store.repos.create('s')
  const tip = await store.transact(async (tx) => {
    await tx.files.put('s@master', [text('x', '1')])
    return tx.files.put('r@master', [text('n', '1')])
  })
  await store.files.put('r@master', [text('n', '2')])
  expect(await store.commits.squash(`r@${tip.id}`)).toEqual([{ repo: 'default/r', id: tip.id }])
  expect(store.commits.set(tip.id).commits).toMatchObject([{ repo: 'default/s' }])
  await expect(store.commits.squash('s@master')).rejects.toMatchObject({ code: 'IN_USE' })
  expect(await textOf(store, 'r@master', 'n')).toBe('2')
})

test('removing a commit others were computed from needs to be asked for', async () => {
  await store.repos.create('out')
  const input = { repo: store.repos.inspect('r').repo, branch: 'master' }
  await store.branches.set('out@master', { inputs: [input] })
  const { id } = await store.files.put('r@master', [text('x', '1')])
  await expect(store.commits.drop('r@master')).rejects.toMatchObject({ code: 'IN_USE' })
  const removed = await store.commits.drop('r@master', { recursive: true })
  expect(removed.map(({ repo }) => repo)).toEqual(['default/out', 'default/r'])
  expect(store.commits.list({ types: 'all' }).some((commit) => commit.id === id)).toBe(false)
  expect((await store.maintenance.fsck()).faults).toEqual([])
})

test('commits that touched a path are found, for directories too', async () => {
  const made = await store.files.put('r@master', [text('d/a', '1'), text('e', '1')])
  await store.files.put('r@master', [text('e', '2')])
  const changed = await store.files.put('r@master', [text('d/a', '2')])
  const touching = await store.commits.touching('r@master', 'd')
  expect(touching.map(({ id }) => id)).toEqual([changed.id, made.id])
})

test('waiting ends when the commit finishes, a subscription tells every commit once', async () => {
  const started = await store.commits.start('r@master')
  const waited = store.waitCommit('r@master')
  const control = new AbortController()
  const told: string[] = []
  const listening = (async () => {
    for await (const { id } of store.subscribe('r@master', { signal: control.signal })) {
      told.push(id)
      if (told.length === 2) return
    }
  })()
  await store.commits.finish('r@master')
  expect((await waited).id).toBe(started.id)
  const second = await store.files.put('r@master', [text('b', '1')])
  await listening
  expect(told).toEqual([started.id, second.id])
})
