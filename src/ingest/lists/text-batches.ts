import type { ListBatch } from './list-row.ts'
import type { TextReader } from './list-text.ts'
import { RowBatches } from './row-batches.ts'

/** Feeds a reader with the text of a list and hands on the batches it fills. */
export async function* textBatches(
  text: AsyncIterable<string>,
  readerFor: (rows: RowBatches) => TextReader,
): AsyncGenerator<ListBatch> {
  const rows = new RowBatches()
  const reader = readerFor(rows)
  for await (const piece of text) {
    reader.push(piece)
    yield* rows.takeFull()
  }
  reader.end()
  yield* rows.takeRest()
}
