import { afterEach, beforeEach, expect, test } from 'vitest'
import { openTestStore, pathsOf, text, textOf, type TestStore } from './store.fixture.ts'
import type { CatalogReducer } from './types/catalog.ts'

let opened: TestStore

interface Note {
  readonly body: string
}

/** A reducer as another room would bring it. */
const notes: CatalogReducer = {
  name: 'notes',
  version: 1,
  tables: 'CREATE TABLE notes (body TEXT)',
  ops: ['note.add'],
  apply: (db, op) => db.run('INSERT INTO notes VALUES (?)', (op as unknown as Note).body),
  *snapshot(db) {
    for (const { body } of db.all('SELECT body FROM notes ORDER BY body')) {
      yield { op: 'note.add', body } as { op: string }
    }
  },
}

beforeEach(async () => {
  opened = await openTestStore({ reducers: [notes] })
  await opened.store.repos.create('r')
})
afterEach(() => opened.close())

test('garbage collection keeps every commit readable and frees what a dropped one alone held', async () => {
  const { store } = opened
  const kept = await store.files.put('r@master', [
    text('keep', 'k'.repeat(1000)),
    text('both', 'b'),
  ])
  await store.files.put('r@master', [text('drop', 'd'.repeat(100_000))])
  expect(await store.maintenance.gc({ dryRun: true })).toMatchObject({ deadItems: 0 })
  await store.commits.drop('r@master')
  const plan = await store.maintenance.gc({ dryRun: true })
  expect(plan.freedBytes).toBeGreaterThan(100_000)
  const report = await store.maintenance.gc()
  expect(report).toEqual({ ...plan, dryRun: false })
  expect(await store.maintenance.gc()).toMatchObject({ deadItems: 0, freedBytes: 0 })
  expect(await pathsOf(store, `r@${kept.id}`)).toEqual(['both', 'keep'])
  opened = await opened.reopen({ withoutCatalog: true })
  expect((await opened.store.maintenance.fsck({ readData: true })).faults).toEqual([])
  expect(await textOf(opened.store, 'r@master', 'both')).toBe('b')
})

test('garbage collection waits for those who are between adding and naming', async () => {
  const { store } = opened
  let collected: Promise<unknown> = Promise.resolve()
  await store.adding(async () => {
    const edits = await store.content.addOutputs('r', [{ path: 'x', bytes: Buffer.from('added') }])
    collected = store.maintenance.gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await store.files.edit('r@master', edits)
  })
  await collected
  expect(await textOf(store, 'r@master', 'x')).toBe('added')
})

test('dropped content put again after a collection is whole', async () => {
  const { store } = opened
  await store.files.put('r@master', [text('a', 'again')])
  await store.commits.drop('r@master')
  await store.maintenance.gc()
  await store.files.put('r@master', [text('a', 'again')])
  opened = await opened.reopen()
  expect(await textOf(opened.store, 'r@master', 'a')).toBe('again')
})

test('other rooms keep tables of their own, in the same record and rebuilt with the rest', async () => {
  const { store } = opened
  await store.transact((tx) => tx.emit({ op: 'note.add', body: 'hello' } as { op: string }))
  opened = await opened.reopen({ withoutCatalog: true })
  expect(opened.store.db.all('SELECT body FROM notes')).toEqual([{ body: 'hello' }])
})

test('a change of an unknown kind says the store was written by a newer Varve', async () => {
  const { store } = opened
  await store.transact((tx) => tx.emit({ op: 'note.add', body: 'x' } as { op: string }))
  const { files } = opened
  await opened.close()
  await expect(openTestStore({}, files)).rejects.toMatchObject({ code: 'FORMAT_TOO_NEW' })
  opened = await openTestStore({ reducers: [notes] }, files)
})

test('a damaged catalog file is rebuilt; fsck sees tables that are not what the records say', async () => {
  const { store } = opened
  await store.files.put('r@master', [text('a', '1')])
  await store.transact((tx) => {
    tx.db.run("UPDATE repos SET description = 'forged'")
  })
  const { faults } = await store.maintenance.fsck()
  expect(faults.map(({ kind }) => kind)).toEqual(['catalog wrong'])
  await store.maintenance.reindex()
  expect((await store.maintenance.fsck()).faults).toEqual([])
})

test('fsck names what a lost segment takes with it', async () => {
  const { store } = opened
  await store.files.put('r@master', [text('a', 'some bytes')])
  for (const [path, file] of opened.files.files) {
    if (path.includes('/r/')) file.resize(0)
  }
  const { faults } = await store.maintenance.fsck({ readData: true })
  expect(faults.map(({ kind }) => kind)).toContain('segment damaged')
})
