import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { openVarve } from '../open.ts'
import { hasStore, makeStore, projectFolder } from '../project-folder.ts'
import { checkRequest } from './check-request.ts'
import { clearFolder } from './clear-folder.ts'
import type { DownloadReport, DownloadRequest } from './request.ts'

/** Downloads a list into a folder of its own: the store lies in its `.varve`. */
export async function downloadInto(asked: DownloadRequest): Promise<DownloadReport> {
  const directory = resolve(asked.outputFolder)
  const request = { ...asked, outputFolder: directory }
  await checkRequest(request)
  if (request.incrementalMode === 'overwrite') await clearFolder(request)
  mkdirSync(directory, { recursive: true })
  const folder = projectFolder(directory)
  if (!hasStore(folder)) makeStore(folder)
  const varve = await openVarve({ dir: directory })
  try {
    return await varve.download(request)
  } finally {
    await varve.close()
  }
}
