import { loadEnqueue, loadService } from '../../ingest/index.ts'
import { checkShardCounts } from '../../materialize/index.ts'
import { listOptions, type ListRequest } from '../named-lists.ts'
import type { DownloadRequest } from './request.ts'

/**
 * Finds what is mistyped, before anything is made or deleted.
 * @throws OPTIONS_INVALID, USAGE, LIST_NOT_FOUND, LIST_FORMAT_UNKNOWN, LIST_COLUMN_RESERVED
 */
export async function checkRequest(request: DownloadRequest): Promise<void> {
  const { listFiles, refuseReservedColumns } = await loadEnqueue()
  const { openFetcher } = await loadService()
  const { checkImageOptions } = await import('../../ingest/image/index.ts')
  checkImageOptions(request.image)
  checkShardCounts(request)
  refuseReservedColumns(request.extraColumns ?? [])
  // Addresses that are no addresses.
  await openFetcher(request.fetch).close()
  await listFiles(request.urlList, request.inputFormat)
}

/** Reads the beginning of each list: one that cannot be read, or lacks a column, is refused here. */
export async function checkLists(request: DownloadRequest): Promise<void> {
  const { listFiles, readList } = await loadEnqueue()
  const wanted = listRequest(request)
  for (const file of await listFiles(request.urlList, request.inputFormat)) {
    if (file.path === undefined) continue
    for await (const _ of readList(file, listOptions(wanted, file.format))) break
  }
}

/** All columns that are read, whether they go into the output or not. */
export function listRequest(request: DownloadRequest): ListRequest {
  const { urlList, inputFormat, urlColumn, captionColumn, input } = request
  const { extraColumns = [], regionColumn, verifyColumn } = request
  const more = [regionColumn, verifyColumn].filter((name) => name !== undefined)
  return {
    list: urlList,
    urlColumn,
    extraColumns: [...new Set([...extraColumns, ...more])],
    ...(inputFormat === undefined ? {} : { format: inputFormat }),
    ...(captionColumn === undefined ? {} : { captionColumn }),
    ...(input === undefined ? {} : { input }),
  }
}
