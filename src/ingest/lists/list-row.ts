import type { JsonObject } from '../../model/index.ts'
export const listFormats = ['txt', 'csv', 'tsv', 'json', 'jsonl', 'parquet'] as const
export type ListFormat = (typeof listFormats)[number]

/** One data row of a list: what to fetch, and what the list says about it. */
export interface ListRow {
  /** Counted from 0 among the data rows of its file; bad rows have a position too. */
  readonly position: number
  /** As it stands in the list. Whether it can be fetched is the fetcher's to say. */
  readonly url: string
  /** Present when a caption column was asked for; null where the list has none. */
  readonly caption?: string | null
  /** The extra columns asked for, with the types they have in the list; null where one is missing. */
  readonly columns?: JsonObject
}

/** A data row nothing can be fetched for. */
export interface BadRow {
  readonly position: number
  /** Line of the file where it begins, from 1; in a parquet file the row's number, from 1. */
  readonly line: number
  readonly reason: string
}

/** Up to 1,000 rows, good and bad together, in the order of the list. */
export interface ListBatch {
  readonly rows: readonly ListRow[]
  readonly bad: readonly BadRow[]
}

export interface ListFile {
  /** File name without its folder; `-` is standard input. */
  readonly name: string
  /** Undefined: standard input. */
  readonly path: string | undefined
  readonly format: ListFormat
  /** The name says so (`urls.csv.gz`). */
  readonly gzip: boolean
}

export interface ListOptions {
  readonly format: ListFormat
  /** Not used for txt, whose lines are URLs. */
  readonly urlColumn: string
  readonly captionColumn?: string
  readonly extraColumns?: readonly string[]
}
