import type { JsonObject, JsonValue } from './json.ts'

/** What all values of a column are; `null` when none says anything, `mixed` of several kinds or nested. */
export type JsonKind = 'null' | 'bool' | 'int' | 'float' | 'text' | 'mixed'

/**
 * Finds the narrowest kind that holds every value of a column while its rows pass by. Columns come in
 * the order they are first seen.
 */
export class JsonKinds {
  readonly #kinds = new Map<string, JsonKind>()

  see(columns: JsonObject): void {
    for (const [name, value] of Object.entries(columns)) {
      this.#kinds.set(name, widerOf(this.#kinds.get(name) ?? 'null', kindOf(value)))
    }
  }

  columns(): ReadonlyMap<string, JsonKind> {
    return this.#kinds
  }
}

function kindOf(value: JsonValue): JsonKind {
  if (value === null) return 'null'
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int' : 'float'
  if (typeof value === 'boolean') return 'bool'
  return typeof value === 'string' ? 'text' : 'mixed'
}

function widerOf(a: JsonKind, b: JsonKind): JsonKind {
  if (a === 'null' || a === b) return b
  if (b === 'null') return a
  const areNumbers = [a, b].every((kind) => kind === 'int' || kind === 'float')
  return areNumbers ? 'float' : 'mixed'
}
