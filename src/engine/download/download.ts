import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { hash } from 'node:crypto'
import {
  loadEnqueue,
  RowTable,
  rowsTopic,
  serviceGroup,
  type FetcherOptions,
  type HashName,
  type ImageOptions,
  type ListFormat,
  type RowInfo,
  type ServiceProgress,
} from '../../ingest/index.ts'
import {
  finishedShards,
  type Materializer,
  type RowsReport,
  type ShardRow,
  type ShardStats,
} from '../../materialize/index.ts'
import { VarveError } from '../../model/index.ts'
import { repoKey, type RepoKey } from '../../repos/index.ts'
import type { IngestNouns } from '../ingest.ts'
import { enqueueLists, withLists, type IngestParts, type ListRequest } from '../named-lists.ts'
import { writeWhole } from '../write-whole.ts'

/** img2dataset's arguments, in our own spelling; docs/download.md has the table. */
export interface DownloadRequest {
  readonly urlList: string
  readonly outputFolder: string
  /** What the name of the list says, when left out. */
  readonly inputFormat?: ListFormat
  readonly urlColumn: string
  readonly captionColumn?: string
  readonly extraColumns?: readonly string[]
  readonly regionColumn?: string
  readonly outputFormat: 'files' | 'webdataset' | 'parquet' | 'tfrecord' | 'dummy'
  readonly numberSamplePerShard: number
  readonly oomShardCount: number
  readonly incrementalMode: 'incremental' | 'overwrite' | 'extend'
  readonly image: Partial<ImageOptions>
  readonly computeHash?: HashName
  /** Column with the hash the bytes must have; it is checked against `computeHash`. */
  readonly verifyColumn?: string
  readonly fetch: FetcherOptions
  /** Fetch rows that failed in an earlier run once more, and rewrite their shards. */
  readonly retryFailed?: boolean
  readonly concurrency: number
  readonly input?: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  readonly progress?: (progress: DownloadProgress) => void
}

export type DownloadProgress =
  | { readonly kind: 'enqueued'; readonly rows: number }
  | { readonly kind: 'fetching'; readonly service: ServiceProgress }
  | { readonly kind: 'shard'; readonly shard: ShardStats }

export interface DownloadReport extends RowsReport {
  readonly repo: RepoKey
  /** Rows that made no sense, by list; the first of them with line and reason. */
  readonly lists: readonly {
    readonly name: string
    readonly rows: number
    readonly bad: number
    readonly badRows: readonly { readonly line: number; readonly reason: string }[]
  }[]
  /** What the fetching of this run did; absent when nothing was left to fetch. */
  readonly service?: ServiceProgress
}

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
  const { refuseReservedColumns } = await loadEnqueue()
  refuseReservedColumns(request.extraColumns ?? [])
  const repo = repoKey(repoName)
  if (!parts.store.repos.exists(repo)) await parts.store.repos.create(repo)
  return withLists(parts, listRequest(request), async (lists) => {
    const ids = lists.map(({ id }) => id)
    const { firstShard } = await checkState(parts, request, ids)
    const table = new RowTable(parts.store.db, repo)
    const enqueued = await enqueueLists(
      parts,
      { repo, lists },
      {
        signal: request.signal,
        progress: (rows) => request.progress?.({ kind: 'enqueued', rows }),
      },
    )
    if (request.retryFailed === true) await parts.ingest.retry(repoName)
    const queued = await parts.bus.lag({ topic: rowsTopic(repo), group: serviceGroup })
    const service =
      queued === 0 && allEnded(table, ids) ? undefined : await fetchAll(parts, request)
    if (request.signal.aborted) throw interrupted(request)
    const report = await writeShards(parts, request, {
      repo,
      ids,
      firstShard,
      rewrite: service !== undefined,
    })
    await saveState(parts, request, {
      lists: ids,
      firstShard: firstShard + report.firstShard,
    })
    return { ...report, repo, lists: enqueued, ...(service === undefined ? {} : { service }) }
  })
}

/** All columns that are read, whether they go into the output or not. */
function listRequest(request: DownloadRequest): ListRequest {
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

function allEnded(table: RowTable, ids: readonly string[]): boolean {
  return ids.every((id) => {
    const list = table.findList(id)
    return list !== undefined && table.endedOf(id) >= list.rows
  })
}

async function fetchAll(parts: DownloadParts, request: DownloadRequest): Promise<ServiceProgress> {
  return parts.ingest.serve({
    repo: repoName,
    media: 'image',
    image: request.image,
    fetch: request.fetch,
    computeHash: request.computeHash ?? 'none',
    concurrency: request.concurrency,
    untilIdle: true,
    signal: request.signal,
    ...pick(request, 'verifyColumn'),
    ...pick(request, 'regionColumn'),
    progress: (service) => request.progress?.({ kind: 'fetching', service }),
  })
}

function interrupted({ outputFolder }: DownloadRequest): VarveError {
  return new VarveError('INTERRUPTED', {
    what: 'The download was stopped before its end.',
    next: `Run the same command again: it goes on where it stopped, in ${outputFolder}.`,
  })
}

// Shards ------------------------------------------------------------------------------------------

interface Wanted {
  readonly repo: RepoKey
  readonly ids: readonly string[]
  readonly firstShard: number
  /** Rows were fetched in this run: a shard that is there may hold what has changed since. */
  readonly rewrite: boolean
}

async function writeShards(
  parts: DownloadParts,
  request: DownloadRequest,
  wanted: Wanted,
): Promise<RowsReport> {
  const target = resolve(request.outputFolder)
  const done: ReadonlySet<number> =
    request.incrementalMode === 'incremental' && !wanted.rewrite
      ? await finishedShards(target)
      : new Set<number>()
  const report = await parts.materializer.materializeRows({
    target,
    outputFormat: request.outputFormat,
    numberSamplePerShard: request.numberSamplePerShard,
    oomShardCount: request.oomShardCount,
    encodeFormat: request.image.encodeFormat ?? 'jpg',
    incrementalMode: request.incrementalMode,
    rewriteChanged: wanted.rewrite,
    columns: {
      additional: [...new Set([...(request.extraColumns ?? []), ...regionColumns(request)])],
      caption: request.captionColumn !== undefined,
      exif: request.image.extractExif ?? true,
      ...(request.computeHash === undefined ? {} : { hash: request.computeHash }),
    },
    rows: shardRows(parts, request, { ...wanted, done }),
    signal: request.signal,
    progress: (shard) => request.progress?.({ kind: 'shard', shard }),
  })
  return { ...report, kept: report.kept + done.size }
}

function regionColumns({ regionColumn }: DownloadRequest): readonly string[] {
  return regionColumn === undefined ? [] : [regionColumn]
}

async function* shardRows(
  parts: DownloadParts,
  request: DownloadRequest,
  { repo, ids, firstShard, done }: Wanted & { readonly done: ReadonlySet<number> },
): AsyncIterable<readonly ShardRow[]> {
  const table = new RowTable(parts.store.db, repo)
  const size = request.numberSamplePerShard
  let first = firstShard
  for (const id of ids) {
    const list = table.findList(id)
    const shards = Math.ceil(((list?.rows ?? 0) + (list?.bad ?? 0)) / size)
    const missing = Array.from({ length: shards }, (_, at) => at).filter(
      (at) => !done.has(first + at),
    )
    for (const shard of missing) {
      const rows = [...table.list({ list: id, from: shard * size, to: (shard + 1) * size })]
      const results = resultsOf(table, rows)
      yield rows.map((row) => {
        const result = results.get(row) ?? row
        return { ...shardRow(row, result), shard: first + shard, index: row.position % size }
      })
    }
    first += shards
  }
}

/** How the first rows of repeated URLs ended, by the rows that repeat them. */
function resultsOf(table: RowTable, rows: readonly RowInfo[]): ReadonlyMap<RowInfo, RowInfo> {
  const repeats = rows.filter(({ duplicateOf }) => duplicateOf !== undefined)
  const firsts = table.find(repeats.map((row) => row.duplicateOf ?? row))
  return new Map(repeats.map((row, at) => [row, firsts[at] ?? row]))
}

/** A row in img2dataset's words, which have neither duplicates nor a state for opting out. */
function shardRow(
  row: RowInfo,
  { status, error, media }: RowInfo,
): Omit<ShardRow, 'shard' | 'index'> {
  return {
    status: status === 'success' || status === 'failed_to_resize' ? status : 'failed_to_download',
    error: error ?? null,
    url: row.url,
    ...(row.caption === undefined ? {} : { caption: row.caption }),
    columns: row.columns ?? {},
    width: media?.width ?? null,
    height: media?.height ?? null,
    originalWidth: media?.originalWidth ?? null,
    originalHeight: media?.originalHeight ?? null,
    exif: media?.exif ?? null,
    hash: media?.hash ?? null,
    ...(media === undefined ? {} : { media }),
  }
}

// What the folder was made from -------------------------------------------------------------------

interface State {
  readonly options: string
  readonly lists: readonly string[]
  /** Number of the lists' first shard: what was there before is not theirs. */
  readonly firstShard: number
}

function stateFile({ folder }: DownloadParts): string {
  return join(folder.store, 'download.json')
}

/** Options that change what is in the files: a folder holds one set of them. */
function optionsDigest(request: DownloadRequest): string {
  const { image, computeHash, outputFormat, numberSamplePerShard, oomShardCount } = request
  const told = [image, computeHash, outputFormat, numberSamplePerShard, oomShardCount]
  return hash('sha256', JSON.stringify(told), 'hex').slice(0, 16)
}

async function checkState(
  parts: DownloadParts,
  request: DownloadRequest,
  ids: readonly string[],
): Promise<Pick<State, 'firstShard'>> {
  const file = stateFile(parts)
  const fresh = { lists: ids, firstShard: 0 }
  if (!existsSync(file)) return saveState(parts, request, fresh)
  const before = JSON.parse(readFileSync(file, 'utf8')) as State
  if (before.options !== optionsDigest(request)) {
    throw new VarveError('DOWNLOAD_CHANGED', {
      what: `${request.outputFolder} was filled with other options for images, hashes or shards.`,
      next: 'Use the options it was begun with, another folder, or `--incremental_mode overwrite`.',
    })
  }
  // What extending makes is known when it is done.
  if (request.incrementalMode === 'extend') return { firstShard: 0 }
  if (request.incrementalMode === 'overwrite') return saveState(parts, request, fresh)
  if (before.lists.join() !== ids.join()) {
    throw new VarveError('DOWNLOAD_CHANGED', {
      what: `${request.urlList} is not the list that ${request.outputFolder} was filled from, or has changed since.`,
      next: 'Add it with `--incremental_mode extend`, or start anew with `overwrite`.',
      data: { before: before.lists, now: ids },
    })
  }
  return before
}

async function saveState(
  parts: DownloadParts,
  request: DownloadRequest,
  told: Omit<State, 'options'>,
): Promise<State> {
  const state: State = { options: optionsDigest(request), ...told }
  await writeWhole(stateFile(parts), JSON.stringify(state))
  return state
}

function pick<T extends object, K extends keyof T & string>(from: T, key: K, as: string = key) {
  return from[key] === undefined ? {} : { [as]: from[key] }
}
