import { VarveError } from '../model/index.ts'
import { nearest } from '../util/index.ts'

export const listFormats = ['txt', 'csv', 'tsv', 'json', 'jsonl', 'parquet'] as const

/** img2dataset says `csv.gz`; whether a list is packed stands in the name of its file. */
export function unpackedFormat(text: string): string {
  return text.toLowerCase().replace(/\.gz$/, '')
}

/** The format of a list as a person names it; `USAGE`. */
export function listFormat(text: string): (typeof listFormats)[number] {
  const found = listFormats.find((format) => format === unpackedFormat(text))
  if (found !== undefined) return found
  const near = nearest(text, listFormats)
  throw new VarveError('USAGE', {
    what: `"${text}" is no format of lists.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    next: `Use one of ${listFormats.join(', ')}.`,
  })
}
