/** One record with quotes in it: its cells, and where the next record begins. */
export interface QuotedRecord {
  readonly cells: readonly string[]
  readonly next: number
  /** Line ends in it, its own included. */
  readonly lines: number
}

/** `unfinished`: the text ends within the record. */
export type RecordOutcome = QuotedRecord | 'unfinished' | 'broken'

interface Cell {
  readonly text: string
  /** Where the delimiter or the line end after it stands. */
  readonly end: number
  readonly lines: number
}

/**
 * Reads the record that begins at `start`: RFC 4180, and what pyarrow reads besides. Quotes within a
 * cell that does not begin with one are plain characters, and what follows a closing quote belongs
 * to the cell. Only a quoted value of several lines must be followed by a delimiter or a line end:
 * without that, one forgotten quote would swallow good rows up to the next quote.
 */
export function readQuotedRecord(text: string, start: number, delimiter: string): RecordOutcome {
  const cells: string[] = []
  let [at, lines] = [start, 1]
  for (;;) {
    const cell = text[at] === '"' ? quotedCell(text, at, delimiter) : plainCell(text, at, delimiter)
    if (typeof cell === 'string') return cell
    cells.push(cell.text)
    lines += cell.lines
    if (text[cell.end] !== delimiter) return { cells, next: cell.end + 1, lines }
    at = cell.end + 1
  }
}

function plainCell(text: string, start: number, delimiter: string): Cell | 'unfinished' {
  const newline = text.indexOf('\n', start)
  if (newline < 0) return 'unfinished'
  const found = text.indexOf(delimiter, start)
  if (found >= 0 && found < newline) {
    return { text: text.slice(start, found), end: found, lines: 0 }
  }
  const end = text[newline - 1] === '\r' && newline > start ? newline - 1 : newline
  return { text: text.slice(start, end), end: newline, lines: 0 }
}

function quotedCell(
  text: string,
  start: number,
  delimiter: string,
): Cell | 'unfinished' | 'broken' {
  const close = closingQuote(text, start + 1)
  if (close < 0) return 'unfinished'
  const value = text.slice(start + 1, close).replaceAll('""', '"')
  const rest = plainCell(text, close + 1, delimiter)
  if (rest === 'unfinished') return rest
  if (rest.text === '') return { text: value, end: rest.end, lines: newlinesIn(value) }
  return value.includes('\n') ? 'broken' : { text: value + rest.text, end: rest.end, lines: 0 }
}

/** Two quotes in a row are one character of the value. */
function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start)
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  return at
}

function newlinesIn(value: string): number {
  let count = 0
  for (let at = value.indexOf('\n'); at >= 0; at = value.indexOf('\n', at + 1)) count += 1
  return count
}
