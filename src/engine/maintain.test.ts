import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openStore, repoKey } from '../repos/index.ts'
import { openSegmentStore } from '../segments/index.ts'
import { DiskObjects } from '../storage/index.ts'
import { systemClock as clock, systemRandom as random } from '../util/index.ts'
import { initProject, openVarve, reindexStore } from './index.ts'
import { findProject } from './project-folder.ts'
import { reducers } from './reducers.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-maintain-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a store that lists of URLs were fetched into is indexed anew with them', async () => {
  await initProject({ directory: folder })
  await openVarve({ dir: folder }).then((varve) => varve.close())
  await recordList()
  await reindexStore(folder)
  const varve = await openVarve({ dir: folder, mode: 'read' })
  expect(varve.hasIngest()).toBe(true)
  await varve.close()
})

/** As the service does once a list is enqueued. */
async function recordList(): Promise<void> {
  const { store: directory, index, catalog } = findProject(folder)
  const objects = new DiskObjects(directory)
  const segments = await openSegmentStore({ objects, indexPath: index, mode: 'write', clock })
  const store = await openStore({ segments, catalogFile: catalog, reducers, clock, random })
  const list = { id: 'a', name: 'a.csv', rows: 1, bad: 0, badRows: [] }
  const listed = { op: 'ingest.list', repo: repoKey('images'), list }
  await store.transact(async (tx) => {
    await tx.repos.create('images')
    tx.emit(listed)
  })
  await store.close()
  await segments.close()
}
