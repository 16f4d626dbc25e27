import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type {
  AsyncBuffer,
  Compressors,
  DecodedArray,
  FileMetaData,
  ParquetRowRange,
  ParquetScan,
  SchemaElement,
  SchemaTree,
} from 'hyparquet'
import { refuseMissing, type ColumnChoice } from './column-choice.ts'
import type { ListFile } from './list-row.ts'
import { exactTimes, fromStored, isStoredDecimal, type FromStored } from './parquet-exact.ts'

/** The chosen columns of a parquet list, to be read a part at a time. */
export interface ColumnScan {
  /** Row ranges of the groups. */
  readonly groups: readonly ParquetRowRange[]
  /** Says which group is read from now on, and forgets the one before. */
  enter(group: ParquetRowRange): Promise<void>
  /** A range within the group, a column for each chosen name. */
  read(range: ParquetRowRange): Promise<readonly DecodedArray[]>
}

/** @throws LIST_COLUMN_MISSING, and plain errors of the reader for what is no parquet */
export async function openColumnScan(
  list: ListFile,
  choice: ColumnChoice,
  file: AsyncBuffer,
): Promise<ColumnScan> {
  const parquet = await import('hyparquet')
  const metadata = await parquet.parquetMetadataAsync(file, { geoparquet: false })
  const { children } = parquet.parquetSchema(metadata)
  const single = children.filter((child) => !isNested(child)).map(({ element }) => element)
  const names = children.map(({ element }) => element.name)
  refuseMissing(list, choice.names, names)
  const remembered = new RememberedFile(file)
  const scan = await parquet.parquetScan({
    file: remembered,
    metadata: withStoredDecimals(metadata, new Set(single)),
    columns: [...choice.names],
    compressors: await compressorsFor(metadata, choice),
    parsers: { stringFromBytes, ...exactTimes },
    geoparquet: false,
  })
  const nested = new Set(children.filter(isNested).map(({ element }) => element.name))
  const made = new Map(single.map((element) => [element.name, fromStored(element)]))
  return columnScan(scan, choice, { remembered, nested, made })
}

interface ScanParts {
  readonly remembered: RememberedFile
  readonly nested: ReadonlySet<string>
  readonly made: ReadonlyMap<string, FromStored | undefined>
}

/** The reader multiplies decimals in floating point; without their type it hands them out as stored. */
function withStoredDecimals(
  metadata: FileMetaData,
  single: ReadonlySet<SchemaElement>,
): FileMetaData {
  const schema = metadata.schema.map((element) => {
    if (!single.has(element) || !isStoredDecimal(element)) return element
    const { converted_type: _, ...stored } = element
    return stored
  })
  return { ...metadata, schema }
}

function columnScan(
  scan: ParquetScan,
  choice: ColumnChoice,
  { remembered, nested, made }: ScanParts,
): ColumnScan {
  const readColumns = async (names: readonly string[], range: ParquetRowRange) => {
    const columns: DecodedArray[] = []
    for (const column of names) {
      const values = await scan.readColumn({ column, ...range })
      const make = made.get(column)
      columns.push(make === undefined ? values : Array.from(values, make))
    }
    return columns
  }
  return {
    groups: scan.ranges,
    async enter(group) {
      remembered.forget()
      // Pages of lists and structs cannot be skipped: the scan decodes them once and cuts parts from that.
      await readColumns(
        choice.names.filter((name) => nested.has(name)),
        group,
      )
    },
    read: (range) => readColumns(choice.names, range),
  }
}

function isNested({ children, element }: SchemaTree): boolean {
  return children.length > 0 || element.repetition_type === 'REPEATED'
}

/** A group's column chunks, packed as they are, are read from disk once for all parts of the group. */
class RememberedFile implements AsyncBuffer {
  readonly byteLength: number
  readonly #file: AsyncBuffer
  readonly #ranges = new Map<string, ReturnType<AsyncBuffer['slice']>>()

  constructor(file: AsyncBuffer) {
    this.#file = file
    this.byteLength = file.byteLength
  }

  slice(start: number, end?: number): ReturnType<AsyncBuffer['slice']> {
    const name = `${start}-${end}`
    const bytes = this.#ranges.get(name) ?? this.#file.slice(start, end)
    this.#ranges.set(name, bytes)
    return bytes
  }

  forget(): void {
    this.#ranges.clear()
  }
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
