import type { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import type { OutputFile } from '../target/output-file.ts'

export type ParquetType =
  | 'BOOLEAN'
  | 'INT32'
  | 'INT64'
  | 'DOUBLE'
  | 'STRING'
  | 'JSON'
  | 'BYTE_ARRAY'

export interface ParquetColumn {
  readonly name: string
  readonly type: ParquetType
}

/** By column; as JavaScript values, null where there is none. */
export type RowGroup = readonly (readonly unknown[])[]

/** A Parquet file written one row group at a time. Every column may hold nulls. */
export class ParquetFile {
  readonly #file: OutputFile
  readonly #columns: readonly ParquetColumn[]
  readonly #bytes: ByteWriter
  readonly #writer: ParquetWriter

  private constructor(
    file: OutputFile,
    columns: readonly ParquetColumn[],
    parts: { bytes: ByteWriter; writer: ParquetWriter },
  ) {
    this.#file = file
    this.#columns = columns
    this.#bytes = parts.bytes
    this.#writer = parts.writer
  }

  /** Loads the library: this is the only file that does. */
  static async create(file: OutputFile, columns: readonly ParquetColumn[]): Promise<ParquetFile> {
    const { ByteWriter, ParquetWriter, schemaFromColumnData } = await import('hyparquet-writer')
    const columnData = columns.map(({ name, type }) => ({ name, type, data: [], nullable: true }))
    const bytes = new ByteWriter(1 << 16)
    const schema = schemaFromColumnData({ columnData })
    const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'varve' })
    return new ParquetFile(file, columns, { bytes, writer })
  }

  async write(group: RowGroup): Promise<void> {
    const rows = group[0]?.length ?? 0
    if (rows === 0) return
    const columnData = this.#columns.map(({ name, type }, at) => {
      const data = [...(group[at] ?? [])].map((value) => physical(type, value))
      // Payloads do not shrink, and comparing them for statistics or a dictionary takes long.
      if (type !== 'BYTE_ARRAY') return { name, data }
      return {
        name,
        data,
        encoding: 'PLAIN' as const,
        codec: 'UNCOMPRESSED' as const,
        statistics: false,
      }
    })
    await this.#writer.write({ columnData, rowGroupSize: rows })
    await this.#flush()
  }

  async finish(): Promise<void> {
    await this.#writer.finish()
    await this.#flush()
  }

  /** Hands what was encoded to the file and starts the buffer over; its offset goes on counting. */
  async #flush(): Promise<void> {
    await this.#file.write([this.#bytes.getBytes()])
    this.#bytes.index = 0
  }
}

function physical(type: ParquetType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (type === 'INT64') return BigInt(value as number)
  if (type === 'STRING' && typeof value !== 'string') return JSON.stringify(value)
  return value
}
