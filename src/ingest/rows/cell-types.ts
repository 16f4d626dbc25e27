import { JsonKinds, type JsonKind, type JsonObject, type JsonValue } from '../../model/index.ts'

/** What all cells of a column are; `null` when none says anything. */
export type CellType = Exclude<JsonKind, 'mixed'>

/** By column. */
export type CellTypes = Readonly<Record<string, CellType>>

// The cells pyarrow's csv reader takes for null, true and false, and for numbers.
const nulls = new Set(
  `|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|N/A|NA|NULL|NaN|n/a|nan|null`.split(
    '|',
  ),
)
const booleans = new Map([
  ...['1', 'true', 'True', 'TRUE'].map((text) => [text, true] as const),
  ...['0', 'false', 'False', 'FALSE'].map((text) => [text, false] as const),
])
const integer = /^[ \t]*(-?\d+|0[xX][\dA-Fa-f]{1,13})[ \t]*$/
const number = /^[ \t]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[ \t]*$/
const infinite = /^[ \t]*[+-]?(inf|infinity)[ \t]*$/i

/** From narrow to wide: a column is the first of these that all of its cells can be. */
const kinds = ['int', 'bool', 'float'] as const

const canBe = {
  int: (text: string) => integer.test(text) && Number.isSafeInteger(Number(text)),
  bool: (text: string) => booleans.has(text),
  // Digits that a number would not keep exactly are worth more as text.
  float: (text: string) =>
    (number.test(text) || infinite.test(text)) &&
    (!/^[ \t]*-?\d+[ \t]*$/.test(text) || canBe.int(text)),
}

/**
 * Finds the type of each column while its rows pass by, as pyarrow (and so img2dataset) does: of the
 * whole list, not of its beginning.
 */
export class CellTypeFinder {
  readonly #open = new Map<string, (typeof kinds)[number][]>()
  readonly #seen = new Set<string>()

  see(columns: JsonObject): void {
    for (const [name, cell] of Object.entries(columns)) this.#seeCell(name, cell)
  }

  types(): CellTypes {
    return Object.fromEntries(
      Array.from(this.#open, ([name, open]) => [
        name,
        this.#seen.has(name) ? (open[0] ?? 'text') : 'null',
      ]),
    )
  }

  #seeCell(name: string, cell: JsonValue): void {
    const open = this.#open.get(name) ?? [...kinds]
    this.#open.set(name, open)
    if (open.length === 0 || typeof cell !== 'string' || nulls.has(cell)) return
    this.#seen.add(name)
    const left = open.filter((kind) => canBe[kind](cell))
    if (left.length < open.length) this.#open.set(name, left)
  }
}

/** The same of lists whose cells have types of their own; a column of several kinds gets none. */
export class ValueTypeFinder {
  readonly #kinds = new JsonKinds()

  see(columns: JsonObject): void {
    this.#kinds.see(columns)
  }

  types(): CellTypes {
    const found: Record<string, CellType> = {}
    for (const [name, kind] of this.#kinds.columns()) if (kind !== 'mixed') found[name] = kind
    return found
  }
}

/** The columns of one row with the types of their list; infinities, which JSON lacks, are null. */
export function typedColumns(columns: JsonObject, types: CellTypes): JsonObject {
  return Object.fromEntries(
    Object.entries(columns).map(([name, cell]) => [name, typedCell(cell, types[name] ?? 'text')]),
  )
}

function typedCell(cell: JsonValue, type: CellType): JsonValue {
  if (typeof cell !== 'string' || type === 'text') return cell
  if (nulls.has(cell)) return null
  if (type === 'bool') return booleans.get(cell) ?? null
  const value = Number(cell)
  if (!Number.isFinite(value)) return null
  return value === 0 ? 0 : value
}
