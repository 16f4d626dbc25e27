import type { JsonObject } from '../../model/index.ts'
import { inBatches } from '../../util/index.ts'
import { ColumnTypes } from '../formats/column-types.ts'
import { ParquetFile, type ParquetColumn, type ParquetType } from '../formats/parquet-file.ts'
import type { OutputFile } from '../target/output-file.ts'
import type { RowColumns } from './types.ts'

const rowGroupRows = 10_000

/** The table of a shard: every row, failures included. */
export class RowTable {
  readonly #columns: RowColumns
  /** Of additional columns; what one shard shows holds for those after it. */
  readonly #types = new ColumnTypes()

  constructor(columns: RowColumns) {
    this.#columns = columns
  }

  async write(file: OutputFile, rows: readonly JsonObject[]): Promise<void> {
    const columns = this.columns(rows)
    const table = await ParquetFile.create(file, columns)
    for (const group of inBatches(rows, rowGroupRows)) {
      await table.write(columns.map(({ name }) => group.map((row) => row[name] ?? null)))
    }
    await table.finish()
  }

  /** In img2dataset's order and types: text, but for the four sizes and the additional columns. */
  columns(rows: readonly JsonObject[]): ParquetColumn[] {
    const { additional, types = {}, caption, exif, hash, verified = false } = this.#columns
    for (const row of rows) {
      this.#types.see(Object.fromEntries(additional.map((name) => [name, row[name] ?? null])))
    }
    const found = new Map(this.#types.columns().map(({ name, type }) => [name, type]))
    const text = (name: string): ParquetColumn => ({ name, type: 'STRING' })
    const size = (name: string): ParquetColumn => ({ name, type: 'INT32' })
    const typed = (name: string): ParquetColumn => {
      const type: ParquetType = types[name] ?? found.get(name) ?? 'STRING'
      return { name, type }
    }
    return [
      ...additional.map(typed),
      ...(caption ? [text('caption')] : []),
      ...(hash !== undefined && verified ? [text(hash)] : []),
      ...['url', 'key', 'status', 'error_message'].map(text),
      ...['width', 'height', 'original_width', 'original_height'].map(size),
      ...(exif ? [text('exif')] : []),
      ...(hash === undefined || verified ? [] : [text(hash)]),
    ]
  }
}
