import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  loadEnqueue,
  RowTable,
  type EnqueuedList,
  type ListEnd,
  type ListFormat,
  type ListOptions,
  type NamedList,
} from '../ingest/index.ts'
import { factMaker, type EventBus } from '../events/index.ts'
import type { RepoKey, Store } from '../repos/index.ts'
import type { Clock, Random } from '../util/index.ts'
import type { ProjectFolder } from './project-folder.ts'

export interface IngestParts {
  readonly folder: ProjectFolder
  readonly store: Store
  readonly bus: EventBus
  readonly clock: Clock
  readonly random: Random
}

/** Which lists, and how they are read. */
export interface ListRequest {
  /** A file, a folder of lists, or `-` for standard input. */
  readonly list: string
  /** What the name says, when left out. */
  readonly format?: ListFormat
  /** Default `url`. */
  readonly urlColumn?: string
  readonly captionColumn?: string
  readonly extraColumns?: readonly string[]
  readonly input?: AsyncIterable<Uint8Array>
}

/** Works on the lists of a request; standard input lies in a scratch file meanwhile, to be read twice. */
export async function withLists<T>(
  { folder, random }: Pick<IngestParts, 'folder' | 'random'>,
  request: ListRequest,
  work: (lists: readonly NamedList[]) => Promise<T>,
): Promise<T> {
  const { listFiles, nameList, saveStandardInput } = await loadEnqueue()
  const scratch = join(folder.scratch, `list-${random.uuidHex()}`)
  const lists: NamedList[] = []
  try {
    for (const file of await listFiles(request.list, request.format)) {
      const { input } = request
      const isInput = file.path === undefined && input !== undefined
      const read = isInput ? await saveStandardInput(file, input, scratch) : file
      lists.push(await nameList(read, listOptions(request, file.format)))
    }
    return await work(lists)
  } finally {
    rmSync(scratch, { force: true })
  }
}

export function listOptions(request: ListRequest, format: ListFormat): ListOptions {
  const { urlColumn = 'url', captionColumn, extraColumns = [] } = request
  return {
    format,
    urlColumn,
    ...(captionColumn === undefined ? {} : { captionColumn }),
    ...(extraColumns.length === 0 ? {} : { extraColumns }),
  }
}

/** What is told of a list. The places of its bad rows serve the writer of shards, and may be very many. */
export type ListReport<T extends ListEnd = ListEnd> = Omit<T, 'badPlaces'>

export function listReport<T extends ListEnd>(list: T): ListReport<T> {
  const { badPlaces: _, ...told } = list
  return told
}

export interface EnqueueOptions {
  /** Fetch rows that have ended again, where the server says that they have changed. */
  readonly refresh?: boolean
  readonly progress?: (rows: number) => void
  readonly signal?: AbortSignal
}

/** Puts the rows of lists on the bus; answers one entry a list. */
export async function enqueueLists(
  parts: IngestParts,
  { repo, lists }: { readonly repo: RepoKey; readonly lists: readonly NamedList[] },
  { refresh = false, progress, signal }: EnqueueOptions,
): Promise<readonly EnqueuedList[]> {
  const { enqueueList, waitingLists } = await loadEnqueue()
  const deps = enqueueDeps(parts)
  const table = new RowTable(parts.store.db, repo)
  const waiting = new Map(await waitingLists(parts.bus, repo, deps.newWish()))
  const knownList = (id: string): ListEnd | undefined => table.findList(id) ?? waiting.get(id)
  writeFileSync(parts.folder.enqueued, '')
  const done: EnqueuedList[] = []
  for (const list of lists) {
    const end = await enqueueList({ ...deps, knownList }, list, {
      repo,
      refresh,
      ...(progress === undefined ? {} : { progress }),
      ...(signal === undefined ? {} : { signal }),
    })
    waiting.set(end.id, end)
    done.push(end)
  }
  return done
}

export function enqueueDeps({ bus, clock, random }: IngestParts) {
  return {
    bus,
    fact: factMaker('/ingest', clock, random),
    newWish: () => random.uuidHex().slice(0, 12),
  }
}
