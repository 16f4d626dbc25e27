import type { ColumnChoice } from './column-choice.ts'
import type { ListFile } from './list-row.ts'
import { LineSplitter, type TextReader } from './list-text.ts'
import { RecordRows } from './record-rows.ts'
import type { RowBatches } from './row-batches.ts'

/** One JSON object a line; empty lines are no rows. */
export function jsonlRows(file: ListFile, choice: ColumnChoice, rows: RowBatches): TextReader {
  const records = new RecordRows(file, choice, rows)
  const lines = new LineSplitter(
    (line, number) => {
      if (line.trim() !== '') records.add(line, number)
    },
    (number) => {
      rows.refuse(number, 'the line is too long')
    },
  )
  return {
    push: (text) => {
      lines.push(text)
    },
    end: () => {
      lines.end()
      records.end()
    },
  }
}
