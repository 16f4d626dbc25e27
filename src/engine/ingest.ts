import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  ingestedRepos,
  loadEnqueue,
  loadService,
  retriedStatuses,
  rowsTopic,
  RowTable,
  serviceGroup,
  type EnqueuedList,
  type FetcherOptions,
  type HashName,
  type ImageOptions,
  type ListEnd,
  type ListFile,
  type ListFormat,
  type ListOptions,
  type MediaKind,
  type RowInfo,
  type RowQuery,
  type RowTotals,
  type ServiceProgress,
} from '../ingest/index.ts'
import { factMaker, type EventBus } from '../events/index.ts'
import { repoKey, type RepoKey, type Store } from '../repos/index.ts'
import type { Clock, Random } from '../util/index.ts'
import type { ProjectFolder } from './project-folder.ts'
import { ServiceNote, type RunningService } from './service-note.ts'

export interface IngestParts {
  readonly folder: ProjectFolder
  readonly store: Store
  readonly bus: EventBus
  readonly clock: Clock
  readonly random: Random
}

export interface EnqueueListRequest {
  readonly repo: string
  /** A file, a folder of lists, or `-` for standard input. */
  readonly list: string
  /** What the name says, when left out. */
  readonly format?: ListFormat
  /** Default `url`. */
  readonly urlColumn?: string
  readonly captionColumn?: string
  readonly extraColumns?: readonly string[]
  /** Fetch rows that have ended again, where the server says that they have changed. */
  readonly refresh?: boolean
  readonly input?: AsyncIterable<Uint8Array>
  readonly progress?: (rows: number) => void
  readonly signal?: AbortSignal
}

export interface ServeRequest {
  readonly repo: string
  /** Default `master`. */
  readonly branch?: string
  /** Default `any`: bytes as they came. */
  readonly media?: MediaKind
  readonly image?: Partial<ImageOptions>
  readonly fetch?: FetcherOptions
  /** Hash of the downloaded bytes that goes into each sample's JSON; default `sha256`. */
  readonly computeHash?: HashName | 'none'
  readonly verifyColumn?: string
  readonly regionColumn?: string
  /** Requests on their way at once; default 256. */
  readonly concurrency?: number
  /** A commit after so many rows (default 10,000) or seconds (default 10). */
  readonly commitRows?: number
  readonly commitSeconds?: number
  /** End when nothing is left to do. */
  readonly untilIdle?: boolean
  readonly maxRows?: number
  readonly signal?: AbortSignal
  readonly progress?: (progress: ServiceProgress) => void
}

/** What there is to know about the rows of one repo. */
export interface IngestReport extends RowTotals {
  readonly repo: RepoKey
  readonly lists: readonly (ListEnd & { readonly at: number })[]
  /** Rows on the bus that no commit has settled. */
  readonly waiting: number
  readonly service?: RunningService
}

/** Lists in, files out. Enqueueing and looking need no writer lock: a service may run meanwhile. */
export interface IngestNouns {
  /** Puts the rows of a list on the bus; answers one entry a file. */
  enqueue(request: EnqueueListRequest): Promise<readonly EnqueuedList[]>
  /** Fetches what is on the bus into the repo, until stopped or, with `untilIdle`, all is done. */
  serve(request: ServeRequest): Promise<ServiceProgress>
  /** Puts rows that failed on the bus once more; answers how many. */
  retry(repo: string, query?: RowQuery): Promise<number>
  rows(repo: string, query?: RowQuery): Iterable<RowInfo>
  /** Repos that were filled from lists; all of them when none is named. */
  report(repo?: string): Promise<readonly IngestReport[]>
}

/** Rows taken off the bus for each request that may be on its way. */
const waitingRows = 8

export function ingestNouns(parts: IngestParts): IngestNouns {
  const { store, bus } = parts
  const table = (repo: RepoKey): RowTable => new RowTable(store.db, repo)
  return {
    enqueue: async (request) => enqueue(parts, request),
    serve: async (request) => serve(parts, request),
    retry: async (repo, query = {}) => {
      const key = existing(store, repo)
      const { enqueueAgain } = await loadEnqueue()
      const rows = table(key).list({ status: retriedStatuses, ...query })
      return enqueueAgain(enqueueDeps(parts, key), key, rows)
    },
    rows: (repo, query) => table(existing(store, repo)).list(query),
    report: async (repo) => {
      const repos = repo === undefined ? ingestedRepos(store.db) : [existing(store, repo)]
      return Promise.all(
        repos.map(async (key) => {
          const service = new ServiceNote(parts.folder, key).read()
          return {
            repo: key,
            ...table(key).totals(),
            lists: table(key).lists(),
            waiting: await bus.lag({ topic: rowsTopic(key), group: serviceGroup }),
            ...(service === undefined ? {} : { service }),
          }
        }),
      )
    },
  }
}

async function enqueue(
  parts: IngestParts,
  request: EnqueueListRequest,
): Promise<readonly EnqueuedList[]> {
  const repo = existing(parts.store, request.repo)
  const { enqueueList, refuseReservedColumns } = await loadEnqueue()
  refuseReservedColumns(request.extraColumns ?? [])
  const done: EnqueuedList[] = []
  await withLists(parts, request, async (files) => {
    for (const file of files) {
      done.push(
        await enqueueList(enqueueDeps(parts, repo), file, {
          repo,
          options: listOptions(request, file.format),
          refresh: request.refresh ?? false,
          ...(request.progress === undefined ? {} : { progress: request.progress }),
          ...(request.signal === undefined ? {} : { signal: request.signal }),
        }),
      )
    }
  })
  return done
}

/** The files of a list; standard input is written to a scratch file first, so that it has a name. */
export async function withLists<T>(
  parts: Pick<IngestParts, 'folder' | 'random'>,
  request: Pick<EnqueueListRequest, 'list' | 'format' | 'input'>,
  work: (files: readonly ListFile[]) => Promise<T>,
): Promise<T> {
  const { listFiles, saveStandardInput } = await loadEnqueue()
  const files = await listFiles(request.list, request.format)
  const [first] = files
  if (first === undefined || first.path !== undefined || request.input === undefined) {
    return work(files)
  }
  const scratch = join(parts.folder.scratch, `list-${parts.random.uuidHex()}`)
  try {
    return await work([await saveStandardInput(first, request.input, scratch)])
  } finally {
    rmSync(scratch, { force: true })
  }
}

export function listOptions(
  request: Pick<EnqueueListRequest, 'urlColumn' | 'captionColumn' | 'extraColumns'>,
  format: ListFormat,
): ListOptions {
  return {
    format,
    urlColumn: request.urlColumn ?? 'url',
    ...(request.captionColumn === undefined ? {} : { captionColumn: request.captionColumn }),
    ...(request.extraColumns === undefined ? {} : { extraColumns: request.extraColumns }),
  }
}

function enqueueDeps({ store, bus, clock, random }: IngestParts, repo: RepoKey) {
  return {
    bus,
    fact: factMaker('/ingest', clock, random),
    knownList: (id: string) => new RowTable(store.db, repo).findList(id),
    newWish: () => random.uuidHex().slice(0, 12),
  }
}

async function serve(parts: IngestParts, request: ServeRequest): Promise<ServiceProgress> {
  const { store, bus, clock, random } = parts
  const repo = existing(store, request.repo)
  const { openFetcher, openMedia, runService } = await loadService()
  const concurrency = request.concurrency ?? 256
  const fetcher = openFetcher({ concurrency, clock, random, ...request.fetch })
  const note = new ServiceNote(parts.folder, repo)
  try {
    const processor = await openMedia(request.media ?? 'any', request.image ?? {})
    const computeHash = request.computeHash ?? 'sha256'
    const work = {
      fetcher,
      processor,
      ...(computeHash === 'none' ? {} : { computeHash }),
      ...(request.verifyColumn === undefined ? {} : { verifyColumn: request.verifyColumn }),
      ...(request.regionColumn === undefined ? {} : { regionColumn: request.regionColumn }),
    }
    return await runService(
      { store, bus, clock, work },
      {
        repo,
        branch: request.branch ?? 'master',
        // Rows that wait for their host hold no connection: a list sorted by host stalls nobody.
        concurrency: concurrency * waitingRows,
        commitRows: request.commitRows ?? 10_000,
        commitSeconds: request.commitSeconds ?? 10,
        untilIdle: request.untilIdle ?? false,
        signal: request.signal ?? new AbortController().signal,
        ...(request.maxRows === undefined ? {} : { maxRows: request.maxRows }),
        progress: (progress: ServiceProgress) => {
          note.write(progress)
          request.progress?.(progress)
        },
      },
    )
  } finally {
    await fetcher.close()
    note.remove()
  }
}

function existing(store: Store, repo: string): RepoKey {
  return store.repos.inspect(repoKey(repo)).repo
}
