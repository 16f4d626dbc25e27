import type { JsonValue } from '../../model/index.ts'
import { detailsOf, refuseMissing, type ColumnChoice } from './column-choice.ts'
import { JsonSplitter } from './json-splitter.ts'
import { parseExactly } from './json-text.ts'
import { messageOf } from '../../util/index.ts'
import { unreadable } from './list-error.ts'
import type { ListBatch, ListFile } from './list-row.ts'
import { RowBatches } from './row-batches.ts'

interface Value {
  /** The row's index; undefined in an array. */
  readonly key: string | undefined
  readonly value: JsonValue
  readonly line: number
}

/**
 * Reads an object of columns. Columns stand one after another in the file, so each one chosen is
 * read by its own pass, all in step: the memory needed is that of a few pieces of text. Every column
 * must have the same rows in the same order, as pandas writes them.
 */
export async function* jsonColumnBatches(
  list: ListFile,
  choice: ColumnChoice,
  open: () => AsyncIterable<string>,
): AsyncGenerator<ListBatch> {
  refuseMissing(list, choice.names, await columnNames(list, open()))
  const columns = choice.names.map((name) => new ColumnCursor(columnValues(list, open(), name)))
  const rows = new RowBatches()
  try {
    for (;;) {
      const ready = await Promise.all(columns.map((column) => column.fill()))
      const count = Math.min(...ready)
      if (count === 0) break
      const values = columns.map((column) => column.take(count))
      for (let row = 0; row < count; row++)
        addRow(list, choice, rows, (slot) => values[slot]?.[row])
      yield* rows.takeFull()
    }
    if (columns.some((column) => column.waiting > 0)) throw uneven(list)
    yield* rows.takeRest()
  } finally {
    await Promise.all(columns.map((column) => column.close()))
  }
}

function addRow(
  list: ListFile,
  choice: ColumnChoice,
  rows: RowBatches,
  valueAt: (slot: number) => Value | undefined,
): void {
  const url = valueAt(choice.url)
  const differs = choice.names.some((_, slot) => valueAt(slot)?.key !== url?.key)
  if (url === undefined || differs) throw uneven(list)
  rows.add(
    url.line,
    url.value,
    detailsOf(choice, (slot) => valueAt(slot)?.value),
  )
}

function uneven(list: ListFile): Error {
  return unreadable(list, 'its columns do not have the same rows')
}

async function columnNames(list: ListFile, text: AsyncIterable<string>): Promise<string[]> {
  const names: string[] = []
  const splitter = new JsonSplitter(2, {
    enter: (keyText) => names.push(nameOf(list, keyText)),
    member: () => undefined,
    broken: refuseFaults(list),
  })
  for await (const piece of text) splitter.push(piece)
  splitter.end()
  return names
}

/** The values of one column, as many at a time as a piece of text holds. */
async function* columnValues(
  list: ListFile,
  text: AsyncIterable<string>,
  wanted: string,
): AsyncGenerator<readonly Value[]> {
  let values: Value[] = []
  let column: string | undefined
  let ended = false
  const splitter = new JsonSplitter(2, {
    enter: (keyText) => {
      column = nameOf(list, keyText)
    },
    leave: () => {
      ended ||= column === wanted
      column = undefined
    },
    member: (member, line) => {
      if (column === wanted && !ended) values.push(valueOf(list, member, line))
    },
    broken: refuseFaults(list),
  })
  for await (const piece of text) {
    splitter.push(piece)
    if (values.length > 0) yield values
    values = []
    if (ended) return
  }
}

function refuseFaults(list: ListFile): (line: number, reason: string) => never {
  return (line, reason) => {
    throw unreadable(list, `${reason} (line ${line})`)
  }
}

function nameOf(list: ListFile, keyText: string): string {
  return Object.keys(parsed(list, `{${keyText}0}`))[0] ?? ''
}

function valueOf(list: ListFile, member: string, line: number): Value {
  if (!/^\s*"(?:[^"\\]|\\.)*"\s*:/.test(member)) {
    return { key: undefined, value: parsed(list, `[${member}]`)[0] ?? null, line }
  }
  const [key, value] = Object.entries(parsed(list, `{${member}}`))[0] ?? []
  return { key, value: value ?? null, line }
}

function parsed(list: ListFile, text: string): Record<string, JsonValue> {
  try {
    return parseExactly(text) as Record<string, JsonValue>
  } catch (error) {
    throw unreadable(list, `its JSON is broken (${messageOf(error)})`, error)
  }
}

/** A column read ahead by what one piece of text holds. */
class ColumnCursor {
  readonly #source: AsyncGenerator<readonly Value[]>
  #values: readonly Value[] = []
  #at = 0

  constructor(source: AsyncGenerator<readonly Value[]>) {
    this.#source = source
  }

  get waiting(): number {
    return this.#values.length - this.#at
  }

  /** Reads on when nothing is waiting; answers how many values wait, 0 at the end. */
  async fill(): Promise<number> {
    if (this.waiting > 0) return this.waiting
    const { value, done } = await this.#source.next()
    this.#values = done === true ? [] : value
    this.#at = 0
    return this.waiting
  }

  take(count: number): readonly Value[] {
    const taken = this.#values.slice(this.#at, this.#at + count)
    this.#at += count
    return taken
  }

  async close(): Promise<void> {
    await this.#source.return(undefined)
  }
}
