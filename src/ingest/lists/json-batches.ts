import type { ColumnChoice } from './column-choice.ts'
import { jsonColumnBatches } from './json-column-batches.ts'
import { JsonSplitter } from './json-splitter.ts'
import { jsonlRows } from './jsonl-rows.ts'
import { unreadable } from './list-error.ts'
import type { ListBatch, ListFile } from './list-row.ts'
import { listText, type TextReader } from './list-text.ts'
import { RecordRows } from './record-rows.ts'
import { restOf } from './rest-of.ts'
import type { RowBatches } from './row-batches.ts'
import { textBatches } from './text-batches.ts'

/** No key is longer. */
const longestHead = 64 * 1024

/**
 * Reads a `.json` list, whichever of three things it is: an array of records; an object of columns
 * as pandas writes it (`{"url": {"0": …}}`, or with arrays); or lines of records, named wrongly.
 * `open` may be called again for a file; a stream of columns is kept in memory.
 */
export async function* jsonBatches(
  list: ListFile,
  choice: ColumnChoice,
  open: () => AsyncIterable<Uint8Array>,
): AsyncGenerator<ListBatch> {
  const pieces = listText(open())
  try {
    const head = await readHead(pieces)
    const text = restOf(head, pieces)
    const shape = shapeOf(list, head)
    if (shape === 'records') yield* textBatches(text, (rows) => recordReader(list, choice, rows))
    else if (shape === 'lines') yield* textBatches(text, (rows) => jsonlRows(list, choice, rows))
    else yield* jsonColumnBatches(list, choice, await reopened(list, text, open))
  } finally {
    await pieces.return(undefined)
  }
}

/** Text until the first value of the first record or column shows. */
async function readHead(pieces: AsyncIterator<string>): Promise<string> {
  let head = ''
  while (
    head.length < longestHead &&
    !/^\s*(\[|[^[{\s]|\{\s*("(?:[^"\\]|\\.)*"\s*:\s*\S|[^"\s]))/.test(head)
  ) {
    const { value, done } = await pieces.next()
    if (done === true) break
    head += value
  }
  return head
}

function shapeOf(list: ListFile, head: string): 'records' | 'columns' | 'lines' {
  const first = head.trimStart()[0]
  if (first === '[') return 'records'
  if (first === undefined) throw unreadable(list, 'it is empty')
  if (first !== '{') throw unreadable(list, 'it is neither a JSON array nor a JSON object')
  return /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*[{[]/.test(head) ? 'columns' : 'lines'
}

function recordReader(list: ListFile, choice: ColumnChoice, rows: RowBatches): TextReader {
  const records = new RecordRows(list, choice, rows)
  const splitter = new JsonSplitter(1, {
    member: (text, line) => {
      records.add(text, line)
    },
    broken: (line, reason) => {
      rows.refuse(line, reason)
    },
  })
  return {
    push: (text) => {
      splitter.push(text)
    },
    end: () => {
      splitter.end()
      records.end()
    },
  }
}

async function reopened(
  list: ListFile,
  text: AsyncGenerator<string>,
  open: () => AsyncIterable<Uint8Array>,
): Promise<() => AsyncIterable<string>> {
  if (list.path !== undefined) {
    await text.return(undefined)
    return () => listText(open())
  }
  const kept: string[] = []
  for await (const piece of text) kept.push(piece)
  return () => replayed(kept)
}

async function* replayed(kept: readonly string[]): AsyncGenerator<string> {
  yield* kept
}
