import { rmSync } from 'node:fs'
import { jobsPropagation } from '../jobs/index.ts'
import { knownCommits, openStore, type KnownCommit } from '../repos/index.ts'
import { loadRepair, openSegmentStore, type RepairReport as Repaired } from '../segments/index.ts'
import { DiskObjects } from '../storage/index.ts'
import { systemClock, systemRandom } from '../util/index.ts'
import { checkFormat, findProject, type ProjectFolder } from './project-folder.ts'
import { reducers } from './reducers.ts'
import { checkWriteAccess } from './write-access.ts'

export interface ReindexReport {
  /** Records of the store that were replayed. */
  readonly records: number
}

export interface RepairReport extends Repaired {
  /** Commits that went with lost records, as far as the catalog knew them; the latest first. */
  readonly lostCommits: readonly KnownCommit[]
}

/**
 * Rebuilds item index and catalog from the segments alone. Works when both are damaged, missing or
 * of a newer version.
 * @throws STORE_DAMAGED when the segments hold less than the index knew: `repairStore` mends that
 */
export async function reindexStore(directory: string): Promise<ReindexReport> {
  const folder = storeOf(directory)
  const segments = await openSegmentStore({
    objects: objectsOf(folder),
    indexPath: folder.index,
    mode: 'write',
    lockDirectory: folder.store,
    rebuildIndex: true,
  })
  try {
    // Only now: the lock is ours, so nobody has the catalog open for writing.
    for (const suffix of ['', '-wal', '-shm']) rmSync(folder.catalog + suffix, { force: true })
    const store = await openStore({
      segments,
      catalogFile: folder.catalog,
      clock: systemClock,
      random: systemRandom,
      reducers,
      propagation: jobsPropagation,
    })
    let records = 0
    for await (const _ of segments.records()) records++
    await store.close()
    return { records }
  } finally {
    await segments.close()
  }
}

/**
 * Replaces damaged segments by their whole members, keeps the old bytes beside them and rebuilds the
 * index. Reads every byte.
 */
export async function repairStore(directory: string): Promise<RepairReport> {
  const folder = storeOf(directory)
  const before = knownCommits(folder.catalog)
  const { repairSegments } = await loadRepair()
  const report = await repairSegments({
    objects: objectsOf(folder),
    indexPath: folder.index,
    lockDirectory: folder.store,
    readData: true,
  })
  await reindexStore(directory)
  const kept = new Set(knownCommits(folder.catalog).map(nameOf))
  return { ...report, lostCommits: before.filter((commit) => !kept.has(nameOf(commit))) }
}

function nameOf({ repo, id }: KnownCommit): string {
  return `${repo}@${id}`
}

function storeOf(directory: string): ProjectFolder {
  const folder = findProject(directory)
  checkFormat(folder)
  checkWriteAccess(folder)
  return folder
}

function objectsOf(folder: ProjectFolder): DiskObjects {
  return new DiskObjects(folder.store)
}
