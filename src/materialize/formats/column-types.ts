import { JsonKinds, type JsonKind, type JsonObject } from '../../model/index.ts'
import type { ParquetColumn, ParquetType } from './parquet-file.ts'

const parquetTypes: Readonly<Record<JsonKind, ParquetType>> = {
  null: 'STRING',
  bool: 'BOOLEAN',
  int: 'INT64',
  float: 'DOUBLE',
  text: 'STRING',
  mixed: 'JSON',
}

/** Finds one Parquet type for each column of many JSON objects; columns of several kinds are JSON. */
export class ColumnTypes {
  readonly #kinds = new JsonKinds()

  see(columns: JsonObject): void {
    this.#kinds.see(columns)
  }

  columns(): ParquetColumn[] {
    return Array.from(this.#kinds.columns(), ([name, kind]) => ({ name, type: parquetTypes[kind] }))
  }
}
