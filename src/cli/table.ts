import { displayWidth, type Style } from './style.ts'

export interface Column<Row> {
  readonly title: string
  readonly value: (row: Row) => string
  readonly align?: 'left' | 'right'
}

/** Aligned columns under upper-case titles, two spaces apart, no line longer than it must be. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  style: Style,
): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.value(row))))
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...cells.map((line) => displayWidth(line[index] ?? ''))),
  )
  const render = (line: readonly string[]): string =>
    line
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join('  ')
      .trimEnd()
  const head = style('dim', render(columns.map((column) => column.title)))
  return [head, ...cells.map(render)].map((line) => `${line}\n`).join('')
}

/** Lines of `name: value`, the values aligned: what `inspect` prints. */
export function fields(
  lines: readonly (readonly [name: string, value: string | undefined])[],
  style: Style,
): string {
  const shown = lines.filter((line): line is readonly [string, string] => line[1] !== undefined)
  const width = Math.max(0, ...shown.map(([name]) => displayWidth(name))) + 2
  return shown
    .map(([name, value]) => {
      const indented = value.replaceAll('\n', `\n${' '.repeat(width)}`)
      return `${style('dim', pad(`${name}:`, width, 'left'))}${indented}\n`
    })
    .join('')
}

export function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return align === 'left' ? text + space : space + text
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ')
}
