import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type {
  AsyncBuffer,
  Compressors,
  DecodedArray,
  FileMetaData,
  ParquetRowRange,
  ParquetScan,
} from 'hyparquet'
import { isVarveError } from '../../model/index.ts'
import { detailsOf, refuseMissing, type ColumnChoice } from './column-choice.ts'
import { messageOf, unreadable } from './list-error.ts'
import { openRanged } from './list-bytes.ts'
import type { JsonValue, ListBatch, ListFile } from './list-row.ts'
import { jsonOf } from './parquet-value.ts'
import { RowBatches } from './row-batches.ts'

const rowsAtATime = 1000

/**
 * Reads the chosen columns only, one row group at a time: that is what has to fit in memory (pyarrow
 * writes up to 1,048,576 rows in one). The `line` of a bad row is its number from 1.
 */
export async function* parquetBatches(
  list: ListFile,
  choice: ColumnChoice,
): AsyncGenerator<ListBatch> {
  if (list.path === undefined) {
    throw unreadable(list, 'parquet has to be read out of order; save it as a file first')
  }
  const file = await openRanged(list.path)
  try {
    const scan = await readable(list, () => openScan(list, choice, file))
    const rows = new RowBatches()
    for (const group of scan.ranges) {
      const columns = await readable(list, () => readGroup(scan, choice, group))
      const { rowStart: start, rowEnd: end } = group
      for (let from = start; from < end; from += rowsAtATime) {
        addRows(rows, choice, { columns, start, from, to: Math.min(end, from + rowsAtATime) })
        yield* rows.takeFull()
      }
    }
    yield* rows.takeRest()
  } finally {
    await file.close()
  }
}

async function openScan(
  list: ListFile,
  choice: ColumnChoice,
  file: AsyncBuffer,
): Promise<ParquetScan> {
  const parquet = await import('hyparquet')
  const metadata = await parquet.parquetMetadataAsync(file, { geoparquet: false })
  const existing = parquet.parquetSchema(metadata).children.map(({ element }) => element.name)
  refuseMissing(list, choice.names, existing)
  return parquet.parquetScan({
    file,
    metadata,
    columns: [...choice.names],
    compressors: await compressorsFor(metadata, choice),
    parsers: { stringFromBytes },
    geoparquet: false,
  })
}

/** The reader's own would drop a U+FEFF a text begins with. */
function stringFromBytes(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}

/** Loaded only when a column to be read is packed. Node's own are faster where it has them. */
async function compressorsFor(metadata: FileMetaData, choice: ColumnChoice): Promise<Compressors> {
  const packed = metadata.row_groups.some(({ columns }) =>
    columns.some(({ meta_data }) => {
      const name = meta_data?.path_in_schema[0]
      return meta_data?.codec !== 'UNCOMPRESSED' && choice.names.includes(name ?? '')
    }),
  )
  if (!packed) return {}
  const { compressors } = await import('hyparquet-compressors')
  return {
    ...compressors,
    BROTLI: (bytes) => brotliDecompressSync(bytes),
    GZIP: (bytes) => gunzipSync(bytes),
    ZSTD: (bytes) => zstdDecompressSync(bytes),
  }
}

/** The chosen columns of one row group, by slot; one after another, to hold little at a time. */
async function readGroup(
  scan: ParquetScan,
  choice: ColumnChoice,
  group: ParquetRowRange,
): Promise<readonly DecodedArray[]> {
  const columns: DecodedArray[] = []
  for (const column of choice.names) columns.push(await scan.readColumn({ column, ...group }))
  return columns
}

/** Rows `from` to `to` of the list, out of the columns of the group that begins with row `start`. */
function addRows(
  rows: RowBatches,
  choice: ColumnChoice,
  part: {
    readonly columns: readonly DecodedArray[]
    readonly start: number
    readonly from: number
    readonly to: number
  },
): void {
  let row = part.from - part.start
  const valueAt = (slot: number): JsonValue => jsonOf(part.columns[slot]?.[row])
  for (; row < part.to - part.start; row++) {
    rows.add(part.start + row + 1, valueAt(choice.url), detailsOf(choice, valueAt))
  }
}

/** The reader of parquet throws plain errors for files that are broken or unknown to it. */
async function readable<T>(list: ListFile, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (isVarveError(error)) throw error
    throw unreadable(list, `as parquet it makes no sense (${messageOf(error)})`, error)
  }
}
