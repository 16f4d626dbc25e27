import type { EventBus, Fact, FactDetails } from '../events/index.ts'
import type { RepoKey } from '../repos/index.ts'
import { inBatches } from '../util/index.ts'
import {
  digestOfList,
  readList,
  type BadRow,
  type ListFile,
  type ListOptions,
} from './lists/index.ts'
import { CellTypeFinder, ValueTypeFinder } from './rows/cell-types.ts'
import type { ListEnd } from './rows/ops.ts'
import { PlaceRanges } from './rows/place-ranges.ts'
import type { QueuedRow } from './rows/row.ts'
import { listsTopic, rowsTopic } from './topics.ts'

export interface EnqueueDeps {
  readonly bus: EventBus
  readonly fact: (details: FactDetails) => Fact
  /** The end of a list that was enqueued before. */
  readonly knownList: (id: string) => ListEnd | undefined
  /** A name nobody has used, for a wish to fetch rows again. */
  readonly newWish: () => string
}

/** A list with its name: twelve hex digits of the digest of its bytes and of how it is read. */
export interface NamedList {
  /** The folder its rows get in the repo. */
  readonly id: string
  readonly file: ListFile
  readonly options: ListOptions
}

export interface EnqueueRequest {
  readonly repo: RepoKey
  /** Enqueue rows that have ended too: the service asks the servers for what has changed. */
  readonly refresh?: boolean
  /** Hears how many rows were read so far. */
  readonly progress?: (rows: number) => void
  readonly signal?: AbortSignal
}

/** What enqueueing one list did. */
export interface EnqueuedList extends ListEnd {
  /** True when this very list was enqueued before: nothing was published. */
  readonly known: boolean
}

/** Bad rows are named up to this many, and all counted. */
const namedBadRows = 100

export async function nameList(file: ListFile, options: ListOptions): Promise<NamedList> {
  return { id: (await digestOfList(file, options)).slice(0, 12), file, options }
}

/**
 * Reads a list and publishes its rows. The list is named by its bytes and by the columns asked for,
 * and each row by its place: enqueueing the same list again, also after a kill in the middle, names
 * the same rows, and a row that has ended is not fetched twice.
 */
export async function enqueueList(
  deps: EnqueueDeps,
  { id, file, options }: NamedList,
  request: EnqueueRequest,
): Promise<EnqueuedList> {
  const before = deps.knownList(id)
  if (before !== undefined && request.refresh !== true) return { ...before, known: true }
  const wish = request.refresh === true ? { again: deps.newWish(), refresh: true as const } : {}
  const badRows: BadRow[] = []
  const badPlaces = new PlaceRanges()
  const types = columnTypesOf(options)
  let [rows, bad] = [0, 0]
  for await (const batch of readList(file, options)) {
    request.signal?.throwIfAborted()
    await deps.bus.publish(
      rowsTopic(request.repo),
      batch.rows.map((row) => ({
        key: row.url,
        fact: deps.fact({ type: 'row.enqueued', data: { ...row, list: id, ...wish } }),
      })),
    )
    for (const { columns } of types === undefined ? [] : batch.rows) types?.see(columns ?? {})
    rows += batch.rows.length
    bad += batch.bad.length
    for (const { position } of batch.bad) badPlaces.add(position)
    badRows.push(...batch.bad.slice(0, namedBadRows - badRows.length))
    request.progress?.(rows + bad)
  }
  const end: ListEnd = {
    id,
    name: file.name,
    rows,
    bad,
    badRows,
    ...(bad > 0 && { badPlaces: badPlaces.all() }),
    ...(types && { types: types.types() }),
  }
  const fact = deps.fact({ type: 'list.enqueued', subject: id, data: { ...end } })
  await deps.bus.publish(listsTopic(request.repo), [{ key: id, fact }])
  return { ...end, known: false }
}

/** Cells of csv and tsv are text whatever they say. */
function columnTypesOf({
  format,
  extraColumns = [],
}: ListOptions): CellTypeFinder | ValueTypeFinder | undefined {
  if (extraColumns.length === 0) return undefined
  return format === 'csv' || format === 'tsv' ? new CellTypeFinder() : new ValueTypeFinder()
}

/** Publishes rows that have ended once more; the service fetches each one time. */
export async function enqueueAgain(
  deps: Omit<EnqueueDeps, 'knownList'>,
  repo: RepoKey,
  rows: Iterable<QueuedRow>,
): Promise<number> {
  const again = deps.newWish()
  let count = 0
  for (const batch of inBatches(rows, 1000)) {
    await deps.bus.publish(
      rowsTopic(repo),
      batch.map((row) => {
        const { list, position, url, caption, columns } = row
        const asked: QueuedRow = {
          list,
          position,
          url,
          again,
          ...(caption === undefined ? {} : { caption }),
          ...(columns === undefined ? {} : { columns }),
        }
        return { key: url, fact: deps.fact({ type: 'row.enqueued', data: { ...asked } }) }
      }),
    )
    count += batch.length
  }
  return count
}
