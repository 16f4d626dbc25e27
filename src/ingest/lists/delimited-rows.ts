import { detailsOf, refuseMissing, type ColumnChoice } from './column-choice.ts'
import { unreadable } from './list-error.ts'
import type { ListFile } from './list-row.ts'
import { longestRecord, type TextReader } from './list-text.ts'
import { readQuotedRecord } from './quoted-record.ts'
import type { RowBatches } from './row-batches.ts'

/** A quoted value is looked through for its end up to here; longer ones lack their closing quote. */
const longestQuotedRecord = 1024 * 1024

/**
 * Rows of csv (delimiter `,`) and tsv (a tab) below a header. A faulty record that spans several
 * lines costs its first line only: reading goes on with the second, so that one forgotten quote
 * takes no good row with it.
 */
export class DelimitedRows implements TextReader {
  readonly #file: ListFile
  readonly #choice: ColumnChoice
  readonly #rows: RowBatches
  readonly #delimiter: string
  /** For each column of the file: its slot among the chosen ones, or -1. Empty before the header. */
  #slots: readonly number[] = []
  #carry = ''
  #line = 1
  #skipping = false

  constructor(file: ListFile, choice: ColumnChoice, rows: RowBatches) {
    this.#file = file
    this.#choice = choice
    this.#rows = rows
    this.#delimiter = file.format === 'tsv' ? '\t' : ','
  }

  push(piece: string): void {
    const text = this.#carry + piece
    this.#carry = text.slice(this.#scan(text, false))
    if (this.#carry.length > longestRecord) this.#dropLongLine()
  }

  /** @throws LIST_UNREADABLE for a list without a header */
  end(): void {
    const open = this.#carry !== '' && !this.#carry.endsWith('\n')
    if (open) this.#carry += '\n'
    this.#scan(this.#carry, true)
    this.#carry = ''
    if (this.#slots.length === 0) throw unreadable(this.#file, 'it has no header line')
  }

  /** Takes all whole records; answers where the first one begins that is not whole yet. */
  #scan(text: string, last: boolean): number {
    let at = 0
    let quote = text.indexOf('"')
    for (;;) {
      const newline = text.indexOf('\n', at)
      if (newline < 0) return this.#skipping ? text.length : at
      if (quote >= 0 && quote < at) quote = text.indexOf('"', at)
      if (this.#skipping || quote < 0 || quote > newline) {
        this.#plainLine(text, at, newline)
        at = newline + 1
        continue
      }
      const next = this.#quotedRecord(text, at, last)
      if (next === undefined) return at
      at = next
    }
  }

  #plainLine(text: string, start: number, newline: number): void {
    const line = this.#line++
    if (this.#skipping) {
      this.#skipping = false
      return
    }
    const end = newline > start && text[newline - 1] === '\r' ? newline - 1 : newline
    if (end === start) return
    if (this.#slots.length === 0) this.#header(text.slice(start, end).split(this.#delimiter))
    else this.#plainRow(text.slice(start, end), line)
  }

  /** The way of nearly every row: cuts out the chosen cells and only counts the others. */
  #plainRow(row: string, line: number): void {
    const cells: string[] = []
    const slots = this.#slots
    const delimiter = this.#delimiter
    let [column, at] = [0, 0]
    for (let end = row.indexOf(delimiter); end >= 0; end = row.indexOf(delimiter, at)) {
      const slot = slots[column++] ?? -1
      if (slot >= 0) cells[slot] = row.slice(at, end)
      at = end + 1
    }
    const slot = slots[column++] ?? -1
    if (slot >= 0) cells[slot] = row.slice(at)
    if (column === slots.length) this.#add(line, cells)
    else this.#refuseCount(line, column)
  }

  /** Answers where to go on; undefined when more text is needed. */
  #quotedRecord(text: string, at: number, last: boolean): number | undefined {
    const record = readQuotedRecord(text, at, this.#delimiter)
    if (record === 'unfinished' && !last && text.length - at < longestQuotedRecord) return undefined
    const afterLine = text.indexOf('\n', at) + 1
    if (record === 'unfinished' || record === 'broken') {
      this.#refuseQuotes()
      return afterLine
    }
    if (this.#slots.length === 0) this.#header(record.cells)
    else if (record.cells.length !== this.#slots.length) {
      this.#refuseCount(this.#line++, record.cells.length)
      return afterLine
    } else this.#add(this.#line, this.#chosen(record.cells))
    this.#line += record.lines
    return record.next
  }

  #chosen(all: readonly string[]): readonly string[] {
    const cells: string[] = []
    for (const [column, slot] of this.#slots.entries()) {
      if (slot >= 0) cells[slot] = all[column] ?? ''
    }
    return cells
  }

  /** A column that is there twice is read where it stands first. */
  #header(names: readonly string[]): void {
    refuseMissing(this.#file, this.#choice.names, names)
    this.#slots = names.map((name, column) =>
      names.indexOf(name) === column ? this.#choice.names.indexOf(name) : -1,
    )
  }

  #add(line: number, cells: readonly string[]): void {
    const url = cells[this.#choice.url]
    this.#rows.add(
      line,
      url,
      detailsOf(this.#choice, (slot) => cells[slot]),
    )
  }

  #refuseCount(line: number, found: number): void {
    this.#rows.refuse(line, `${found} columns where the header has ${this.#slots.length}`)
  }

  #refuseQuotes(): void {
    if (this.#slots.length === 0) {
      throw unreadable(this.#file, 'a quoted name in its header is not closed')
    }
    this.#rows.refuse(this.#line++, 'a quoted value is not closed')
  }

  #dropLongLine(): void {
    if (this.#slots.length === 0) throw unreadable(this.#file, 'its header line is too long')
    this.#rows.refuse(this.#line, 'the line is too long')
    this.#skipping = true
    this.#carry = ''
  }
}
