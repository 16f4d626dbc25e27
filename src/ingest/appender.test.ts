import { expect, test } from 'vitest'
import type { CatalogReducer } from '../repos/index.ts'
import { openTestStore, text, textOf } from '../repos/store.fixture.ts'
import { Appender } from './appender.ts'
import { ingestReducer } from './rows/reducer.ts'
import { repo } from './rows/rows.fixture.ts'

test('bytes that come while a collection runs are added after it, so that it cannot take them', async () => {
  const bytes = Buffer.alloc(100_000, 'was here before')
  let add = (): Promise<void> => Promise.resolve()
  let adding: Promise<void> | undefined
  const reducer: CatalogReducer = {
    ...ingestReducer,
    // Asked by a collection that has begun.
    live: () => {
      adding = add()
      return []
    },
  }
  const data = await openTestStore({ reducers: [reducer] })
  const { store } = data
  await store.repos.create(repo)
  await store.files.put(`${repo}@master`, [text('dead', bytes.toString())])
  await store.commits.drop(`${repo}@master`)
  const appender = new Appender({ store, repo, branch: 'master', hashName: undefined })
  const end = { list: 'a', position: 0, url: 'http://host/a', status: 'success' } as const
  add = () => appender.add([{ end: { ...end, attempts: 1 }, bytes }])

  await store.maintenance.gc()
  expect(adding).toBeDefined()
  await adding
  await appender.commit()
  expect((await store.maintenance.fsck({ readData: true })).faults).toEqual([])
  expect(await textOf(store, `${repo}@master`, 'a/000000000.bin')).toBe(bytes.toString())
  await data.close()
})
