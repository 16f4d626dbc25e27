import { chooseColumns, refuseMissing, type ColumnChoice } from './column-choice.ts'
import { DelimitedRows } from './delimited-rows.ts'
import { jsonBatches } from './json-batches.ts'
import { jsonlRows } from './jsonl-rows.ts'
import { listBytes, storedBytes } from './list-bytes.ts'
import { unreadable } from './list-error.ts'
import type { ListBatch, ListFile, ListOptions } from './list-row.ts'
import { listText, type TextReader } from './list-text.ts'
import { parquetBatches } from './parquet-batches.ts'
import type { RowBatches } from './row-batches.ts'
import { textBatches } from './text-batches.ts'
import { txtRows } from './txt-rows.ts'

/**
 * Reads a list from its beginning, in memory that does not grow with it. `stdin` is read when the
 * file has no path. Rows that make no sense come as bad rows and stop nothing.
 * `options.format` counts, the file's own format is what its name told.
 *
 * @throws LIST_NOT_FOUND, LIST_UNREADABLE (also in the middle, when the rest cannot be had),
 * LIST_COLUMN_MISSING
 */
export async function* readList(
  file: ListFile,
  options: ListOptions,
  stdin?: AsyncIterable<Uint8Array>,
): AsyncGenerator<ListBatch> {
  const list: ListFile = { ...file, format: options.format }
  const choice = chooseColumns(options)
  const open = (): AsyncIterable<Uint8Array> => listBytes(list, sourceOf(list, stdin))
  if (list.format === 'parquet') yield* parquetBatches(list, choice)
  else if (list.format === 'json') yield* jsonBatches(list, choice, open)
  else yield* textBatches(listText(open()), (rows) => readerFor(list, choice, rows))
}

function sourceOf(file: ListFile, stdin?: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (file.path !== undefined) return storedBytes(file.path)
  if (stdin === undefined) throw unreadable(file, 'it is not connected')
  return stdin
}

function readerFor(file: ListFile, choice: ColumnChoice, rows: RowBatches): TextReader {
  if (file.format === 'jsonl') return jsonlRows(file, choice, rows)
  if (file.format !== 'txt') return new DelimitedRows(file, choice, rows)
  const [url = '', ...others] = choice.names
  refuseMissing(file, others, [url])
  return txtRows(rows)
}
