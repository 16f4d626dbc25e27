import { VarveError } from '../model/index.ts'
import { nearest } from '../util/index.ts'

const formats = ['txt', 'csv', 'tsv', 'json', 'jsonl', 'parquet'] as const

/** The format of a list as a person names it; `USAGE`. */
export function listFormat(text: string): (typeof formats)[number] {
  // img2dataset says csv.gz; whether it is packed stands in the name of the file.
  const found = formats.find((format) => format === text.toLowerCase().replace(/\.gz$/, ''))
  if (found !== undefined) return found
  const near = nearest(text, formats)
  throw new VarveError('USAGE', {
    what: `"${text}" is no format of lists.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    next: `Use one of ${formats.join(', ')}.`,
  })
}
