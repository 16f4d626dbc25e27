import type { JsonObject, JsonValue } from '../../model/index.ts'
import { detailsOf, refuseMissing, type ColumnChoice } from './column-choice.ts'
import { jsonFault, parseExactly, parseJson } from './json-text.ts'
import type { ListFile } from './list-row.ts'
import type { RowBatches } from './row-batches.ts'

/** So many records are looked at before a column nobody has seen is called missing. */
const recordsLookedAt = 1000

/**
 * Makes rows of JSON objects. Objects need not have all columns, so a column is missing when none
 * of the first 1,000 has it; `end` must be called for shorter lists.
 */
export class RecordRows {
  readonly #file: ListFile
  readonly #choice: ColumnChoice
  readonly #rows: RowBatches
  readonly #unseen: Set<string>
  readonly #seen = new Set<string>()
  #looked = 0

  constructor(file: ListFile, choice: ColumnChoice, rows: RowBatches) {
    this.#file = file
    this.#choice = choice
    this.#rows = rows
    this.#unseen = new Set(choice.names)
  }

  add(text: string, line: number): void {
    let record: JsonValue
    try {
      record = this.#choice.extra.length > 0 ? parseExactly(text) : parseJson(text)
    } catch (error) {
      this.#rows.refuse(line, jsonFault(error))
      return
    }
    if (record === null || typeof record !== 'object' || Array.isArray(record)) {
      this.#rows.refuse(line, 'no JSON object')
      return
    }
    const object = record as JsonObject
    if (this.#unseen.size > 0) this.#look(object)
    const { names, url } = this.#choice
    const valueAt = (slot: number): JsonValue | undefined => ownValue(object, names[slot])
    this.#rows.add(line, valueAt(url), detailsOf(this.#choice, valueAt))
  }

  /** @throws LIST_COLUMN_MISSING */
  end(): void {
    if (this.#looked > 0) refuseMissing(this.#file, [...this.#unseen], [...this.#seen])
  }

  #look(object: JsonObject): void {
    for (const name of Object.keys(object)) {
      this.#seen.add(name)
      this.#unseen.delete(name)
    }
    this.#looked += 1
    if (this.#looked >= recordsLookedAt) this.end()
  }
}

/** A column may be called `constructor`. */
function ownValue(object: JsonObject, name: string | undefined): JsonValue | undefined {
  return name !== undefined && Object.hasOwn(object, name) ? object[name] : undefined
}
