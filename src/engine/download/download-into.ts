import { mkdirSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadEnqueue } from '../../ingest/index.ts'
import type { DownloadReport, DownloadRequest } from './request.ts'
import { openVarve } from '../open.ts'
import { hasStore, makeStore, projectFolder } from '../project-folder.ts'

/** Downloads a list into a folder of its own: the store lies in its `.varve`. */
export async function downloadInto(request: DownloadRequest): Promise<DownloadReport> {
  const directory = resolve(request.outputFolder)
  // A mistyped list must not cost the folder.
  const { listFiles } = await loadEnqueue()
  await listFiles(request.urlList, request.inputFormat)
  if (request.incrementalMode === 'overwrite') rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const folder = projectFolder(directory)
  if (!hasStore(folder)) makeStore(folder)
  const varve = await openVarve({ dir: directory })
  try {
    return await varve.download({ ...request, outputFolder: directory })
  } finally {
    await varve.close()
  }
}
