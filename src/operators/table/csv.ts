/**
 * Reads comma-separated values as in RFC 4180: quoted fields may hold commas, quotes and line
 * breaks; LF and CRLF both end a record; a byte order mark and empty lines are skipped.
 */
export function parseCsv(text: string): string[][] {
  // One match is one field and what ends it: a quoted or a plain text, then a comma or a line end.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy
  const records: string[][] = []
  let record: string[] = []
  field.lastIndex = text.startsWith('\ufeff') ? 1 : 0
  while (field.lastIndex < text.length) {
    const at = field.lastIndex
    const match = field.exec(text)
    if (match === null) throw new SyntaxError(`a quote is out of place at character ${at + 1}`)
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === ',' && field.lastIndex < text.length) continue
    if (match[3] === ',') record.push('')
    if (record.length > 1 || record[0] !== '') records.push(record)
    record = []
  }
  return records
}

/** One line with its LF; a number is printed with the fewest digits that read back equal. */
export function formatCsvRecord(fields: readonly (string | number)[]): string {
  const quoted = fields.map((field) => {
    const text = String(field)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  })
  return `${quoted.join(',')}\n`
}
