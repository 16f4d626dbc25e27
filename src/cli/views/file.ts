import type { FileDiff, FileInfo } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { bytes, grouped, plural } from '../format.ts'
import { fields, table } from '../table.ts'

/** With a leading slash, directories with one behind, as pachctl prints them. */
export function shownPath(info: {
  readonly kind: 'file' | 'directory'
  readonly path: string
}): string {
  return info.kind === 'directory' && info.path !== '' ? `/${info.path}/` : `/${info.path}`
}

export function fileTable(cli: Cli, rows: readonly FileInfo[], first = true): string {
  const text = table(
    rows,
    [
      { title: 'NAME', value: (row) => shownPath(row) },
      { title: 'TYPE', value: (row) => (row.kind === 'file' ? 'file' : 'dir') },
      { title: 'SIZE', value: (row) => bytes(row.size), align: 'right' },
    ],
    cli.style,
  )
  return first ? text : text.slice(text.indexOf('\n') + 1)
}

export function fileFields(cli: Cli, info: FileInfo): string {
  const size = `${bytes(info.size)} (${plural(info.size, 'byte')})`
  const lines =
    info.kind === 'file'
      ? ([
          ['Path', shownPath(info)],
          ['Type', info.executable ? 'file (executable)' : 'file'],
          ['Size', size],
          ['Digest', info.digest],
        ] as const)
      : ([
          ['Path', shownPath(info)],
          ['Type', 'dir'],
          ['Files', grouped(info.count)],
          ['Size', size],
        ] as const)
  return fields(lines, cli.style)
}

/** One line a path: "+" added, "-" deleted, "~" changed, and by how much. */
export function diffLines(cli: Cli, rows: readonly FileDiff[]): string {
  return rows.map((row) => `${diffLine(cli, row)}\n`).join('')
}

function diffLine({ style }: Cli, row: FileDiff): string {
  const path = shownPath(row)
  if (row.before === undefined) return style('green', `+ ${path}  ${bytes(row.after?.size ?? 0)}`)
  if (row.after === undefined) return style('red', `- ${path}  ${bytes(row.before.size)}`)
  return style('yellow', `~ ${path}  ${bytes(row.before.size)} to ${bytes(row.after.size)}`)
}
