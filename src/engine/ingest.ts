import {
  ingestedRepos,
  loadEnqueue,
  loadService,
  retriedStatuses,
  repoOfRows,
  rowsTopic,
  RowTable,
  serviceGroup,
  type EnqueuedList,
  type FetcherOptions,
  type HashName,
  type ImageOptions,
  type MediaKind,
  type MediaProcessor,
  type RowInfo,
  type RowQuery,
  type RowTotals,
  type ServiceProgress,
} from '../ingest/index.ts'
import { repoKey, type RepoKey, type Store } from '../repos/index.ts'
import {
  enqueueDeps,
  enqueueLists,
  listReport,
  withLists,
  type EnqueueOptions,
  type IngestParts,
  type ListReport,
  type ListRequest,
} from './named-lists.ts'
import { ServiceNote, type RunningService } from './service-note.ts'
import { mayWrite } from './write-access.ts'

export interface EnqueueListRequest extends ListRequest, EnqueueOptions {
  readonly repo: string
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
  readonly lists: readonly (ListReport & { readonly at: number })[]
  /** Rows on the bus that no commit has settled; absent where this user may not open the bus. */
  readonly waiting?: number
  readonly service?: RunningService
}

/** Lists in, files out. Enqueueing and looking need no writer lock: a service may run meanwhile. */
export interface IngestNouns {
  /** Puts the rows of a list on the bus; answers one entry a file. */
  enqueue(request: EnqueueListRequest): Promise<readonly ListReport<EnqueuedList>[]>
  /** Fetches what is on the bus into the repo, until stopped or, with `untilIdle`, all is done. */
  serve(request: ServeRequest): Promise<ServiceProgress>
  /** Puts rows that failed on the bus once more; answers how many. */
  retry(repo: string, query?: RowQuery): Promise<number>
  rows(repo: string, query?: RowQuery): Iterable<RowInfo>
  /** Repos that are filled from lists; all of them when none is named. */
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
      return enqueueAgain(enqueueDeps(parts), key, rows)
    },
    rows: (repo, query) => table(existing(store, repo)).list(query),
    report: async (repo) => {
      // Looking into the queue writes to its file, as SQLite does.
      const canLook = mayWrite(parts.folder)
      const all = canLook ? await reposWithLists(parts) : ingestedRepos(store.db)
      const repos = repo === undefined ? all : [existing(store, repo)]
      return Promise.all(
        repos.map(async (key) => {
          const service = new ServiceNote(parts.folder, key).read()
          const topic = rowsTopic(key)
          return {
            repo: key,
            ...table(key).totals(),
            lists: table(key)
              .lists()
              .map((list) => listReport(list)),
            ...(canLook && { waiting: await bus.lag({ topic, group: serviceGroup }) }),
            ...(service === undefined ? {} : { service }),
          }
        }),
      )
    },
  }
}

/** Those with rows that have ended, and those whose rows all wait. */
async function reposWithLists({ store, bus }: IngestParts): Promise<readonly RepoKey[]> {
  const waiting = (await bus.topics()).flatMap(({ topic }) => repoOfRows(topic) ?? [])
  const known = waiting.filter((repo) => store.repos.exists(repo))
  return [...new Set([...ingestedRepos(store.db), ...known])].toSorted()
}

async function enqueue(
  parts: IngestParts,
  request: EnqueueListRequest,
): Promise<readonly ListReport<EnqueuedList>[]> {
  const repo = existing(parts.store, request.repo)
  const { refuseReservedColumns } = await loadEnqueue()
  refuseReservedColumns(request.extraColumns ?? [])
  return withLists(parts, request, async (lists) => {
    const done = await enqueueLists(parts, { repo, lists }, request)
    return done.map((list) => listReport(list))
  })
}

async function serve(parts: IngestParts, request: ServeRequest): Promise<ServiceProgress> {
  const { store, bus, clock, random } = parts
  const repo = existing(store, request.repo)
  const { openFetcher, runService } = await loadService()
  const concurrency = request.concurrency ?? 256
  const processor = await openProcessor(request)
  const fetcher = openFetcher({ concurrency, clock, random, ...request.fetch })
  const note = new ServiceNote(parts.folder, repo)
  const { HashThreads } = await import('./hash-threads.ts')
  const hasher = new HashThreads()
  try {
    const computeHash = request.computeHash ?? 'sha256'
    const work = {
      fetcher,
      processor,
      hasher,
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
    await processor.close()
    await hasher.close()
    note.remove()
  }
}

/** Pixels are worked on in threads; bytes that stay as they came are not worth a thread. */
async function openProcessor({ media = 'any', image = {} }: ServeRequest): Promise<MediaProcessor> {
  if (media === 'image' && image.disableAllReencoding !== true) {
    const { imageThreads, openImageThreads } = await import('./image-threads.ts')
    const threads = imageThreads()
    if (threads > 0) return openImageThreads(image, threads)
  }
  return (await loadService()).openMedia(media, image)
}

function existing(store: Store, repo: string): RepoKey {
  return store.repos.inspect(repoKey(repo)).repo
}
