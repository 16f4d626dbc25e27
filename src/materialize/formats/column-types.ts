import type { JsonObject, JsonValue } from '../../model/index.ts'
import type { ParquetColumn, ParquetType } from './parquet-file.ts'

/**
 * Finds one Parquet type for each column of many JSON objects: whole numbers are INT64, numbers
 * DOUBLE, lists and objects JSON, and so are columns of several kinds. Columns come in the order they
 * are first seen.
 */
export class ColumnTypes {
  /** Undefined while only nulls were seen. */
  readonly #types = new Map<string, ParquetType | undefined>()

  see(columns: JsonObject): void {
    for (const [name, value] of Object.entries(columns)) {
      this.#types.set(name, either(this.#types.get(name), typeOf(value)))
    }
  }

  columns(): ParquetColumn[] {
    return Array.from(this.#types, ([name, type]) => ({ name, type: type ?? 'STRING' }))
  }
}

function typeOf(value: JsonValue): ParquetType | undefined {
  if (value === null) return undefined
  if (typeof value === 'boolean') return 'BOOLEAN'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'INT64' : 'DOUBLE'
  return typeof value === 'string' ? 'STRING' : 'JSON'
}

function either(a: ParquetType | undefined, b: ParquetType | undefined): ParquetType | undefined {
  if (a === undefined || b === undefined || a === b) return a ?? b
  const numbers = [a, b].every((type) => type === 'INT64' || type === 'DOUBLE')
  return numbers ? 'DOUBLE' : 'JSON'
}
