import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestStore, text, type TestStore } from './store.fixture.ts'
import type { StoreEvent } from './types/catalog.ts'
import type { Store } from './types/store.ts'
import type { StoreTx } from './types/transaction.ts'
import type { BranchInput, CommitInfo, CommitKey } from './types/values.ts'

let opened: TestStore
let store: Store
let created: CommitInfo[][]
let removed: CommitKey[]
let events: StoreEvent[]
let onFinished: (tx: StoreTx, commits: readonly CommitInfo[]) => Promise<void>

beforeEach(async () => {
  created = []
  removed = []
  events = []
  onFinished = () => Promise.resolve()
  opened = await openTestStore({
    listener: (told) => events.push(...told),
    propagation: {
      finished: (tx, commits) => onFinished(tx, commits),
      created: (_, commits) => void created.push([...commits]),
      removed: (_, commits) => void removed.push(...commits),
    },
  })
  store = opened.store
  for (const repo of ['a', 'b', 'mid', 'end']) await store.repos.create(repo)
})
afterEach(() => opened.close())

function on(repo: string, branch = 'master', quiet = false): BranchInput {
  const key = { repo: store.repos.inspect(repo).repo, branch }
  return quiet ? { ...key, quiet } : key
}

test('a new output branch on existing heads gets one commit, not one per old commit', async () => {
  for (const n of ['1', '2', '3']) await store.files.put('a@master', [text('n', n)])
  await store.branches.set('mid@master', { inputs: [on('a')] })
  expect(created.map((commits) => commits.length)).toEqual([1])
  expect(store.commits.list({ repo: 'mid' }).length).toBe(1)
})

test('an input that never held anything counts as empty and leaves a commit that says so', async () => {
  await store.branches.set('mid@master', { inputs: [on('a'), on('b')] })
  expect(created.flat().map(({ repo }) => repo)).toEqual(['default/mid'])
  expect(store.commits.inspect('a@master')).toMatchObject({
    origin: 'AUTO',
    count: 0,
    state: 'finished',
  })
})

test('quiet inputs wake nobody but are part of what is computed', async () => {
  await store.branches.set('mid@master', { inputs: [on('a'), on('b', 'master', true)] })
  created = []
  const quiet = await store.files.put('b@master', [text('x', '1')])
  expect(created).toEqual([])
  await store.files.put('a@master', [text('x', '1')])
  expect(created.flat()[0]?.provenance).toContainEqual({ repo: quiet.repo, id: quiet.id })
})

test('a branch cannot be computed from itself, from its own repo, or around a circle', async () => {
  await store.branches.set('mid@master', { inputs: [on('a')] })
  await store.branches.set('end@master', { inputs: [on('mid')] })
  for (const [branch, input] of [
    ['a@master', on('end')],
    ['mid@other', on('mid')],
    ['mid@master', on('mid')],
  ] as const) {
    await expect(store.branches.set(branch, { inputs: [input] })).rejects.toMatchObject({
      code: 'CYCLE',
    })
  }
  expect(store.branches.provenance('end@master').map(({ repo }) => repo)).toEqual([
    'default/a',
    'default/mid',
  ])
  expect(store.branches.subvenance('a@master').map(({ repo }) => repo)).toEqual([
    'default/mid',
    'default/end',
  ])
})

test('an output branch is not written by hand', async () => {
  await store.branches.set('mid@master', { inputs: [on('a')] })
  await expect(store.files.put('mid@master', [text('x', '1')])).rejects.toMatchObject({
    code: 'IN_USE',
  })
  await expect(store.commits.start('mid@master')).rejects.toMatchObject({ code: 'IN_USE' })
  await expect(store.commits.finish('mid@master')).rejects.toMatchObject({ code: 'IN_USE' })
})

test('what others are computed from is deleted by force only', async () => {
  await store.branches.set('mid@master', { inputs: [on('a')] })
  await expect(store.repos.delete('a')).rejects.toMatchObject({ code: 'IN_USE' })
  await expect(store.branches.delete('a@master')).rejects.toMatchObject({ code: 'IN_USE' })
  await store.repos.delete('a', { force: true })
  expect(store.branches.inspect('mid@master').inputs).toEqual([])
  expect(removed.map(({ repo }) => repo)).toEqual(['default/a'])
  expect((await store.maintenance.fsck()).faults).toEqual([])
})

test('a transaction is one record, one id and one propagation, or nothing', async () => {
  await store.branches.set('mid@master', { inputs: [on('a'), on('b')] })
  created = []
  await store.transact(async (tx) => {
    await tx.files.put('a@master', [text('x', '1')])
    await tx.files.put('b@master', [text('x', '1')])
    expect(tx.commits.inspect('a@master').id).toBe(tx.id)
    expect(store.commits.inspect('a@master').id).not.toBe(tx.id)
  })
  expect(created.map((commits) => commits.length)).toEqual([1])
  expect(store.commits.inspect('mid@master').id).toBe(store.commits.inspect('a@master').id)
  const before = store.commits.list()
  const failing = store.transact(async (tx) => {
    await tx.files.put('a@master', [text('x', '2')])
    await tx.repos.create('a')
  })
  await expect(failing).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  expect(store.commits.list()).toEqual(before)
})

test('commits started together are waited for together', async () => {
  await store.branches.set('mid@master', { inputs: [on('a'), on('b')] })
  created = []
  const id = await store.transact(async (tx) => {
    await tx.commits.start('a@master')
    await tx.commits.start('b@master')
    return tx.id
  })
  expect(created).toEqual([])
  await store.commits.finish('a@master')
  await store.commits.finish('b@master')
  expect(created.flat().map((commit) => [commit.repo, commit.id])).toEqual([['default/mid', id]])
  expect(created.flat()[0]?.provenance.map((input) => input.id)).toEqual([id, id])
})

test('a trigger moved in the same transaction wakes what is below it under the same id', async () => {
  await store.branches.set('mid@master', { inputs: [on('a', 'due')] })
  created = []
  onFinished = async (tx, commits) => {
    for (const { repo, branch, id } of commits) {
      if (branch === 'master')
        await tx.branches.set({ repo, branch: 'due' }, { head: { repo, id } })
    }
  }
  const { id } = await store.files.put('a@master', [text('x', '1')])
  expect(created.flat().map((commit) => [commit.repo, commit.id])).toEqual([['default/mid', id]])
})

test('triggers are kept, and may not chase each other', async () => {
  await store.branches.set('a@one', { trigger: { branch: 'master', commits: 2 } })
  await store.branches.set('a@two', { trigger: { branch: 'one', size: 1000, all: true } })
  expect(store.branches.inspect('a@two').trigger).toEqual({ branch: 'one', size: 1000, all: true })
  await expect(store.branches.set('a@one', { trigger: { branch: 'two' } })).rejects.toMatchObject({
    code: 'CYCLE',
  })
})

test('a rerun opens a commit on unchanged inputs and wakes what is below', async () => {
  await store.branches.set('mid@master', { inputs: [on('a')] })
  await store.branches.set('end@master', { inputs: [on('mid')] })
  created = []
  const again = await store.branches.rerun('mid@master')
  expect(created.flat().map(({ repo, id }) => [repo, id])).toEqual([
    ['default/mid', again?.id],
    ['default/end', again?.id],
  ])
})

test('requests gathered over several commands happen at once when the batch is finished', async () => {
  const { id } = await store.batches.start()
  await store.batches.add(id, { kind: 'repo.create', repo: 'late' })
  await store.batches.add(id, { kind: 'commit.start', branch: 'late@master' })
  expect(store.repos.exists('late')).toBe(false)
  opened = await opened.reopen()
  store = opened.store
  const commits = await store.batches.finish(id)
  expect(commits.map(({ repo }) => repo)).toEqual(['default/late'])
  expect(store.batches.list()).toEqual([])
})

test('what starts in a batch has the id of the batch, and what it causes has it too', async () => {
  const { id } = await store.batches.start()
  await store.batches.add(id, { kind: 'repo.create', repo: 'one' })
  await store.batches.add(id, { kind: 'repo.create', repo: 'two' })
  await store.batches.add(id, { kind: 'commit.start', branch: 'one@master' })
  await store.batches.add(id, { kind: 'commit.start', branch: 'two@master' })
  const commits = await store.batches.finish(id)
  expect(commits).toEqual([
    { repo: 'default/one', id },
    { repo: 'default/two', id },
  ])
  const last = await store.batches.start()
  await store.batches.add(last.id, { kind: 'commit.finish', commit: 'one@master' })
  await store.batches.add(last.id, { kind: 'commit.finish', commit: 'two@master' })
  expect(await store.batches.finish(last.id)).toEqual(commits)
})

test('events tell what happened, after it is durable', async () => {
  events = []
  const { id } = await store.files.put('a@master', [text('x', '1')])
  expect(events.map(({ type, subject }) => `${type} ${subject}`)).toEqual([
    'branch.moved a@master',
    `commit.started a@${id}`,
    'branch.moved a@master',
    `commit.finished a@${id}`,
  ])
})
