import type { JsonObject } from '../../model/index.ts'
import type { BadRow, ListBatch, ListRow } from './list-row.ts'

const rowsPerBatch = 1000

/** What a list says about a URL; a part that was not asked for is undefined. */
export interface RowDetails {
  readonly caption: string | null | undefined
  readonly columns: JsonObject | undefined
}

/** Numbers the rows of one list and gathers them in batches. A row with no URL becomes a bad row. */
export class RowBatches {
  #rows: ListRow[] = []
  #bad: BadRow[] = []
  #full: ListBatch[] = []
  #position = 0

  add(line: number, url: unknown, details?: RowDetails): void {
    if (typeof url !== 'string') {
      this.refuse(line, url === null || url === undefined ? 'no URL' : 'the URL is not text')
      return
    }
    if (isBlank(url)) {
      this.refuse(line, 'the URL is empty')
      return
    }
    this.#rows.push(rowOf(this.#position++, url, details))
    this.#closeWhenFull()
  }

  refuse(line: number, reason: string): void {
    this.#bad.push({ position: this.#position++, line, reason })
    this.#closeWhenFull()
  }

  /** The batches that have filled up since the last call. */
  takeFull(): readonly ListBatch[] {
    if (this.#full.length === 0) return []
    const taken = this.#full
    this.#full = []
    return taken
  }

  /** What is left at the end of the list. */
  takeRest(): readonly ListBatch[] {
    this.#close()
    return this.takeFull()
  }

  #closeWhenFull(): void {
    if (this.#rows.length + this.#bad.length >= rowsPerBatch) this.#close()
  }

  #close(): void {
    if (this.#rows.length + this.#bad.length === 0) return
    this.#full.push({ rows: this.#rows, bad: this.#bad })
    this.#rows = []
    this.#bad = []
  }
}

/** Looks closely only at what begins like white space: this runs once for every row. */
function isBlank(url: string): boolean {
  if (url.length === 0) return true
  const first = url.charCodeAt(0)
  return (first <= 32 || first >= 128) && url.trim() === ''
}

function rowOf(position: number, url: string, details: RowDetails | undefined): ListRow {
  if (details === undefined) return { position, url }
  const { caption, columns } = details
  if (caption === undefined)
    return columns === undefined ? { position, url } : { position, url, columns }
  return columns === undefined ? { position, url, caption } : { position, url, caption, columns }
}
