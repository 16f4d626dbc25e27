import { typedColumns, type CellTypes, type RowInfo, type RowTable } from '../../ingest/index.ts'
import type { RowColumns, ShardRow } from '../../materialize/index.ts'

/** One shard, and the places of its rows in their list. */
export interface PlannedShard {
  readonly shard: number
  readonly list: string
  readonly from: number
  readonly to: number
}

export interface ShardPlan {
  /** Ids, in the order of their shards. A shard holds rows of one list. */
  readonly lists: readonly string[]
  readonly firstShard: number
  readonly rowsPerShard: number
}

/** The shards that lists make. Rows that make no sense take their places too. */
export function plannedShards(
  table: RowTable,
  { lists, firstShard, rowsPerShard }: ShardPlan,
): readonly PlannedShard[] {
  const planned: PlannedShard[] = []
  for (const list of lists) {
    const { rows, bad } = table.findList(list) ?? { rows: 0, bad: 0 }
    for (let from = 0; from < rows + bad; from += rowsPerShard) {
      const shard = firstShard + planned.length
      planned.push({ shard, list, from, to: from + rowsPerShard })
    }
  }
  return planned
}

const tableTypes = { int: 'INT64', float: 'DOUBLE', bool: 'BOOLEAN', text: 'STRING' } as const

/** Types of columns that all lists agree on: one shard alone may hold whole numbers of a column of others. */
export function sharedTypes(
  table: RowTable,
  lists: readonly string[],
): NonNullable<RowColumns['types']> {
  const all = lists.map((id): CellTypes => table.findList(id)?.types ?? {})
  const agreed = Object.entries(all[0] ?? {}).filter(([name, type]) =>
    all.every((types) => types[name] === type),
  )
  return Object.fromEntries(
    agreed.flatMap(([name, type]) => (type === 'null' ? [] : [[name, tableTypes[type]] as const])),
  )
}

/** The rows of shards in img2dataset's words, one batch a shard. */
export async function* shardRows(
  table: RowTable,
  shards: readonly PlannedShard[],
): AsyncIterable<readonly ShardRow[]> {
  for (const { shard, list, from, to } of shards) {
    const rows = [...table.list({ list, from, to })]
    const results = resultsOf(table, rows)
    const types = table.findList(list)?.types ?? {}
    yield rows.map((row) => {
      const index = row.position - from
      const columns = typedColumns(row.columns ?? {}, types)
      return { ...shardRow(row, results.get(row) ?? row), columns, shard, index }
    })
  }
}

/** How the first rows of repeated URLs ended, by the rows that repeat them. */
function resultsOf(table: RowTable, rows: readonly RowInfo[]): ReadonlyMap<RowInfo, RowInfo> {
  const repeats = rows.filter(({ duplicateOf }) => duplicateOf !== undefined)
  const firsts = table.find(repeats.map((row) => row.duplicateOf ?? row))
  return new Map(repeats.map((row, at) => [row, firsts[at] ?? row]))
}

/** img2dataset has neither duplicates nor a state for opting out. */
function shardRow(
  row: RowInfo,
  { status, error, media }: RowInfo,
): Omit<ShardRow, 'shard' | 'index' | 'columns'> {
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
