import { LineSplitter, type TextReader } from './list-text.ts'
import type { RowBatches } from './row-batches.ts'

/**
 * One URL a line, with all its commas. Empty lines are no rows. A line in double quotes is read
 * without them: so people wrote URLs with commas for img2dataset.
 */
export function txtRows(rows: RowBatches): TextReader {
  return new LineSplitter(
    (line, number) => {
      if (line.length > 0) rows.add(number, line.startsWith('"') ? unquoted(line) : line)
    },
    (number) => {
      rows.refuse(number, 'the line is too long')
    },
  )
}

function unquoted(line: string): string {
  const quoted = line.length > 1 && line.endsWith('"')
  return quoted ? line.slice(1, -1).replaceAll('""', '"') : line
}
