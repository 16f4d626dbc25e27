import { resolve } from 'node:path'
import { RowTable, rowsTopic, serviceGroup, type ServiceProgress } from '../../ingest/index.ts'
import { finishedShards, type Materializer, type RowsReport } from '../../materialize/index.ts'
import { VarveError } from '../../model/index.ts'
import { repoKey } from '../../repos/index.ts'
import type { IngestNouns } from '../ingest.ts'
import { enqueueLists, withLists, type IngestParts } from '../named-lists.ts'
import { checkRequest, listRequest } from './check-request.ts'
import { finishState, saveState, wantedState, type FolderState } from './folder-state.ts'
import type { DownloadReport, DownloadRequest } from './request.ts'
import { plannedShards, sharedTypes, shardRows } from './shard-rows.ts'

export interface DownloadParts extends IngestParts {
  readonly ingest: IngestNouns
  readonly materializer: Materializer
}

const repoName = 'images'

/** Enqueues the list, fetches what has not ended yet, and writes the shards img2dataset would. */
export async function download(
  parts: DownloadParts,
  request: DownloadRequest,
): Promise<DownloadReport> {
  const { folder, store } = parts
  const { signal } = request
  await checkRequest(request)
  const repo = repoKey(repoName)
  if (!store.repos.exists(repo)) await store.repos.create(repo)
  return withLists(parts, listRequest(request), async (lists) => {
    const ids = lists.map(({ id }) => id)
    const state = await wantedState(folder, request, ids)
    const progress = (rows: number): void => request.progress?.({ kind: 'enqueued', rows })
    const enqueued = await enqueueLists(parts, { repo, lists }, { signal, progress })
    // Only now: a list that cannot be read must not take the place of the one that was.
    await saveState(folder, state)
    const table = new RowTable(store.db, repo)
    const service = await fetchMissing(parts, request, { table, ids })
    if (signal.aborted) throw interrupted(request)
    const rewrite = service !== undefined
    const report = await writeShards(parts, request, { table, state, rewrite })
    await finishState(folder, state)
    return { ...report, repo, lists: enqueued, ...(service === undefined ? {} : { service }) }
  })
}

/** Fetches rows that have no end yet; undefined when there is none. */
async function fetchMissing(
  { ingest, bus }: DownloadParts,
  request: DownloadRequest,
  { table, ids }: { readonly table: RowTable; readonly ids: readonly string[] },
): Promise<ServiceProgress | undefined> {
  if (request.retryFailed === true) await ingest.retry(repoName)
  const queued = await bus.lag({ topic: rowsTopic(repoKey(repoName)), group: serviceGroup })
  if (queued === 0 && allEnded(table, ids)) return undefined
  const { image, fetch, computeHash, concurrency, signal, verifyColumn, regionColumn } = request
  return ingest.serve({
    repo: repoName,
    media: 'image',
    image,
    fetch,
    computeHash: computeHash ?? 'none',
    concurrency,
    untilIdle: true,
    signal,
    ...(verifyColumn === undefined ? {} : { verifyColumn }),
    ...(regionColumn === undefined ? {} : { regionColumn }),
    progress: (service) => request.progress?.({ kind: 'fetching', service }),
  })
}

function allEnded(table: RowTable, ids: readonly string[]): boolean {
  return ids.every((id) => {
    const list = table.findList(id)
    return list !== undefined && table.endedOf(id) >= list.rows
  })
}

function interrupted({ outputFolder }: DownloadRequest): VarveError {
  return new VarveError('INTERRUPTED', {
    what: 'The download was stopped before its end.',
    next: `Run the same command again: it goes on where it stopped, in ${outputFolder}.`,
  })
}

interface Wanted {
  readonly table: RowTable
  readonly state: FolderState
  /** Rows were fetched in this run: a shard that is there may hold what has changed since. */
  readonly rewrite: boolean
}

async function writeShards(
  { materializer }: DownloadParts,
  request: DownloadRequest,
  { table, state, rewrite }: Wanted,
): Promise<RowsReport & { readonly firstShard: number }> {
  const target = resolve(request.outputFolder)
  const { image, outputFormat, numberSamplePerShard, oomShardCount, computeHash } = request
  const { extraColumns = [], regionColumn } = request
  const { firstShard, lists } = state
  const planned = plannedShards(table, { lists, firstShard, rowsPerShard: numberSamplePerShard })
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
      types: sharedTypes(table, lists),
      caption: request.captionColumn !== undefined,
      exif: image.extractExif ?? true,
      ...(computeHash === undefined ? {} : { hash: computeHash }),
    },
    rows: shardRows(table, missing),
    signal: request.signal,
    progress: (shard) => request.progress?.({ kind: 'shard', shard }),
  })
  return { ...report, firstShard, kept: report.kept + planned.length - missing.length }
}
