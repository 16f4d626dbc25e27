import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { sep } from 'node:path'
import { VarveError } from '../../model/index.ts'
import { checkLists } from './check-request.ts'
import { hasState } from './folder-state.ts'
import type { DownloadRequest } from './request.ts'

/** What img2dataset and we write at the root of a folder. */
const shardFile = /^\d{5,}(_stats\.json|\.parquet|\.tar)$/

/**
 * For `overwrite`: removes the output folder with all that is in it. One that no download has written
 * to (a home, a mistyped path) stays, and so does one that holds the list itself, or the project
 * whose repo is filled. @throws TARGET_FOREIGN, and what is wrong with the list
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
  rmSync(folder, { recursive: true })
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
