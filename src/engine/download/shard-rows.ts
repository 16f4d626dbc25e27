import {
  typedColumns,
  type CellTypes,
  type ListEnd,
  type RowInfo,
  type RowTable,
} from '../../ingest/index.ts'
import type { RowColumns, ShardRow, ShardRows } from '../../materialize/index.ts'
import { inBatches } from '../../util/index.ts'
import type { RowsEnding } from './rows-ending.ts'

/** One shard, and the places of its rows in their list. */
export interface PlannedShard {
  readonly shard: number
  readonly list: ListEnd
  readonly from: number
  readonly to: number
}

export interface ShardPlan {
  /** In the order of their shards. A shard holds rows of one list. */
  readonly lists: readonly ListEnd[]
  readonly firstShard: number
  readonly rowsPerShard: number
}

/** The shards that lists make. Rows that make no sense take their places too. */
export function plannedShards({
  lists,
  firstShard,
  rowsPerShard,
}: ShardPlan): readonly PlannedShard[] {
  const planned: PlannedShard[] = []
  for (const list of lists) {
    const places = list.rows + list.bad
    for (let from = 0; from < places; from += rowsPerShard) {
      const shard = firstShard + planned.length
      planned.push({ shard, list, from, to: Math.min(from + rowsPerShard, places) })
    }
  }
  return planned
}

const tableTypes = { int: 'INT64', float: 'DOUBLE', bool: 'BOOLEAN', text: 'STRING' } as const

/** Types of columns that all lists agree on: one shard alone may hold whole numbers of a column of others. */
export function sharedTypes(lists: readonly ListEnd[]): NonNullable<RowColumns['types']> {
  const all = lists.map(({ types }): CellTypes => types ?? {})
  const agreed = Object.entries(all[0] ?? {}).filter(([name, type]) =>
    all.every((types) => types[name] === type),
  )
  return Object.fromEntries(
    agreed.flatMap(([name, type]) => (type === 'null' ? [] : [[name, tableTypes[type]] as const])),
  )
}

export interface RowSource {
  readonly table: RowTable
  readonly ending: RowsEnding
  readonly signal: AbortSignal
}

/** The rows of shards in img2dataset's words, as they end. */
export async function* shardRows(
  source: RowSource,
  shards: readonly PlannedShard[],
): AsyncGenerator<ShardRows> {
  for (const shard of shards) yield { shard: shard.shard, rows: rowsOf(source, shard) }
}

const rowsTogether = 1000

/**
 * Rows of a shard in their order: each when it has ended, and all before it. Rows that have not when
 * all is over are left out.
 */
async function* rowsOf(
  { table, ending, signal }: RowSource,
  shard: PlannedShard,
): AsyncGenerator<readonly ShardRow[]> {
  const { list, from, to } = shard
  const bad = badWithin(shard)
  const types = list.types ?? {}
  let next = from
  while (next < to) {
    // Both before the look: what ends after it is seen by the next.
    const { isOver } = ending
    const more = ending.more()
    for (const rows of inBatches(table.list({ list: list.id, from: next, to }), rowsTogether)) {
      const results = resultsOf(table, rows)
      const ready = isOver ? rows : rows.slice(0, countReady(rows, { next, bad, results }))
      yield ready.map((row) => ({
        ...shardRow(row, results.get(row) ?? row),
        columns: typedColumns(row.columns ?? {}, types),
        index: row.position - from,
      }))
      next = (ready.at(-1)?.position ?? next - 1) + 1
      if (ready.length < rows.length) break
    }
    if (isOver) return
    next = skipBad(next, bad)
    if (next < to) await more
    signal.throwIfAborted()
  }
}

/** Of a list of before, whose bad places are not all known: those of its named bad rows. */
function badWithin({ list, from, to }: PlannedShard): ReadonlySet<number> {
  const places = new Set(list.badRows.map(({ position }) => position))
  for (const [first, end] of list.badPlaces ?? []) {
    for (let place = Math.max(first, from); place < Math.min(end, to); place += 1) places.add(place)
  }
  return places
}

/** How the first rows of repeated URLs ended, by the rows that repeat them; undefined while they have not. */
function resultsOf(
  table: RowTable,
  rows: readonly RowInfo[],
): ReadonlyMap<RowInfo, RowInfo | undefined> {
  const repeats = rows.filter(({ duplicateOf }) => duplicateOf !== undefined)
  const firsts = table.find(repeats.map((row) => row.duplicateOf ?? row))
  return new Map(repeats.map((row, at) => [row, firsts[at]]))
}

interface Readiness {
  /** The place the first of them would have. */
  readonly next: number
  readonly bad: ReadonlySet<number>
  readonly results: ReadonlyMap<RowInfo, RowInfo | undefined>
}

/** How many rows from the first on have no gap before them but bad rows, and a result. */
function countReady(rows: readonly RowInfo[], { next, bad, results }: Readiness): number {
  let place = next
  const first = rows.findIndex((row) => {
    place = skipBad(place, bad) + 1
    return row.position !== place - 1 || (results.has(row) && results.get(row) === undefined)
  })
  return first === -1 ? rows.length : first
}

function skipBad(place: number, bad: ReadonlySet<number>): number {
  let next = place
  while (bad.has(next)) next += 1
  return next
}

/** img2dataset has neither duplicates nor a state for opting out. */
function shardRow(
  row: RowInfo,
  { status, error, media }: RowInfo,
): Omit<ShardRow, 'index' | 'columns'> {
  return {
    status: status === 'success' || status === 'failed_to_resize' ? status : 'failed_to_download',
    error: error ?? null,
    url: row.url,
    ...(row.caption === undefined ? {} : { caption: row.caption }),
    width: media?.width ?? null,
    height: media?.height ?? null,
    originalWidth: media?.originalWidth ?? null,
    originalHeight: media?.originalHeight ?? null,
    exif: media?.exif ?? null,
    hash: media?.hash ?? null,
    ...(media === undefined ? {} : { media }),
  }
}
