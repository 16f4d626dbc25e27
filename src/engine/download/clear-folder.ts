import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { join, sep } from 'node:path'
import { lockTarget, notesFolder } from '../../materialize/index.ts'
import { VarveError } from '../../model/index.ts'
import { WriterLock } from '../../segments/index.ts'
import { systemClock } from '../../util/index.ts'
import { hasStore, projectFolder } from '../project-folder.ts'
import { checkLists } from './check-request.ts'
import { hasState } from './folder-state.ts'
import type { DownloadRequest } from './request.ts'

/** What img2dataset and we write at the root of a folder. */
const shardFile = /^\d{5,}(_stats\.json|\.parquet|\.tar)$/

/**
 * For `overwrite`: removes the output folder with all that is in it. One that no download has written
 * to (a home, a mistyped path) stays, and so does one that holds the list itself, or the project
 * whose repo is filled. @throws TARGET_FOREIGN, STORE_LOCKED, and what is wrong with the list
 */
export async function clearFolder(request: DownloadRequest, project?: string): Promise<void> {
  const { outputFolder: folder, urlList: list } = request
  // What is mistyped must not cost the folder.
  await checkLists(request)
  if (!existsSync(folder)) return
  if (list !== '-' && isWithin(list, folder)) {
    throw refused(`${folder} holds the list ${list}, which would be deleted with it.`)
  }
  if (project !== undefined && isWithin(project, folder)) {
    throw refused(`${folder} holds the project ${project}, which would be deleted with it.`)
  }
  const names = readdirSync(folder)
  const isOurs = hasState(folder) || names.some((name) => shardFile.test(name))
  if (names.length > 0 && !isOurs) {
    throw refused(`${folder} holds files, but no store that a download made and no shard.`)
  }
  const locks = lockUsed(folder)
  try {
    rmSync(folder, { recursive: true })
  } finally {
    for (const lock of locks) lock.release()
  }
}

/** Keeps others from what is deleted, and who is at work in it keeps us. @throws STORE_LOCKED */
function lockUsed(folder: string): readonly { release(): void }[] {
  const project = projectFolder(folder)
  const store = hasStore(project) ? [WriterLock.take(project.store, systemClock)] : []
  try {
    return existsSync(join(folder, notesFolder)) ? [...store, lockTarget(folder)] : store
  } catch (error) {
    for (const lock of store) lock.release()
    throw error
  }
}

function isWithin(path: string, folder: string): boolean {
  return `${realpathSync(path)}${sep}`.startsWith(`${realpathSync(folder)}${sep}`)
}

function refused(what: string): VarveError {
  return new VarveError('TARGET_FOREIGN', {
    what: `${what} It was not overwritten.`,
    next: 'Choose another output folder, or move what is to be kept and delete the rest yourself.',
  })
}
