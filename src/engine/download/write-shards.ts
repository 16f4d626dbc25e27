import { resolve } from 'node:path'
import { finishedShards, type RowsReport } from '../../materialize/index.ts'
import type { DownloadParts, DownloadWork } from './parts.ts'
import type { DownloadRequest } from './request.ts'
import type { RowsEnding } from './rows-ending.ts'
import { plannedShards, sharedTypes, shardRows } from './shard-rows.ts'

interface ShardWork extends DownloadWork {
  readonly ending: RowsEnding
  /** Rows have changed, or are about to: a shard that is there may have to be written anew. */
  readonly rewrite: boolean
}

/** Shards, and the stamps of the rows they were written from: see `FolderState`. */
export interface Written {
  readonly report: RowsReport
  readonly writtenFrom: string
}

/** Other ones once rows of the lists have changed. */
export function stampsOf({ table, lists }: DownloadWork): string {
  return lists.map(({ id }) => table.stampOf(id)).join()
}

/** Writes the shards that are missing or to be written anew, each as its rows end. */
export async function writeShards(
  { materializer }: DownloadParts,
  request: DownloadRequest,
  { table, state, lists, ending, rewrite }: ShardWork,
): Promise<RowsReport> {
  const target = resolve(request.outputFolder)
  const { image, outputFormat, numberSamplePerShard, oomShardCount, computeHash } = request
  const { extraColumns = [], regionColumn, signal } = request
  const { firstShard } = state
  const planned = plannedShards({ lists, firstShard, rowsPerShard: numberSamplePerShard })
  const overwrite = request.incrementalMode === 'overwrite'
  const done = overwrite || rewrite ? new Set<number>() : await finishedShards(target)
  const missing = planned.filter(({ shard }) => !done.has(shard))
  const report = await materializer.materializeRows({
    target,
    outputFormat,
    numberSamplePerShard,
    oomShardCount,
    encodeFormat: image.encodeFormat ?? 'jpg',
    // The numbers of shards that are added are those of the state: the same in each run.
    incrementalMode: overwrite ? 'overwrite' : 'incremental',
    rewriteChanged: rewrite,
    columns: {
      additional: [
        ...new Set([...extraColumns, ...(regionColumn === undefined ? [] : [regionColumn])]),
      ],
      types: sharedTypes(lists),
      caption: request.captionColumn !== undefined,
      exif: image.extractExif ?? true,
      ...(computeHash === undefined ? {} : { hash: computeHash }),
      ...(request.verifyColumn === undefined ? {} : { verified: true }),
    },
    shards: shardRows({ table, ending, signal }, missing),
    signal,
    progress: (shard) => request.progress?.({ kind: 'shard', shard }),
  })
  return { ...report, kept: report.kept + planned.length - missing.length }
}
