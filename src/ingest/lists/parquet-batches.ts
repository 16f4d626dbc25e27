import type { DecodedArray } from 'hyparquet'
import { isVarveError, type JsonValue } from '../../model/index.ts'
import { detailsOf, type ColumnChoice } from './column-choice.ts'
import { openRanged } from './list-bytes.ts'
import { messageOf } from '../../util/index.ts'
import { unreadable } from './list-error.ts'
import type { ListBatch, ListFile } from './list-row.ts'
import { openColumnScan } from './parquet-scan.ts'
import { jsonOf } from './parquet-value.ts'
import { RowBatches } from './row-batches.ts'

/** So many rows are decoded at a time: writers put a million in a group. */
const rowsAtATime = 20_000

/**
 * Reads the chosen columns only. What has to fit in memory is one row group of them as it is packed,
 * and its columns of lists and structs unpacked. The `line` of a bad row is its number from 1.
 */
export async function* parquetBatches(
  list: ListFile,
  choice: ColumnChoice,
): AsyncGenerator<ListBatch> {
  if (list.path === undefined) {
    throw unreadable(list, 'parquet has to be read out of order; save it as a file first')
  }
  const file = await openRanged(list.path)
  try {
    if (file.byteLength === 0) throw unreadable(list, 'it is empty')
    const scan = await readable(list, () => openColumnScan(list, choice, file))
    const rows = new RowBatches()
    for (const group of scan.groups) {
      await readable(list, () => scan.enter(group))
      for (let from = group.rowStart; from < group.rowEnd; from += rowsAtATime) {
        const part = { rowStart: from, rowEnd: Math.min(group.rowEnd, from + rowsAtATime) }
        addRows(rows, choice, await readable(list, () => scan.read(part)), part)
        yield* rows.takeFull()
      }
    }
    yield* rows.takeRest()
  } finally {
    await file.close()
  }
}

function addRows(
  rows: RowBatches,
  choice: ColumnChoice,
  columns: readonly DecodedArray[],
  { rowStart, rowEnd }: { readonly rowStart: number; readonly rowEnd: number },
): void {
  let row = 0
  const valueAt = (slot: number): JsonValue => jsonOf(columns[slot]?.[row])
  for (; row < rowEnd - rowStart; row++) {
    rows.add(rowStart + row + 1, valueAt(choice.url), detailsOf(choice, valueAt))
  }
}

/** The reader of parquet throws plain errors for files that are broken or unknown to it. */
async function readable<T>(list: ListFile, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (isVarveError(error)) throw error
    throw unreadable(list, `as parquet it makes no sense (${messageOf(error)})`, error)
  }
}
