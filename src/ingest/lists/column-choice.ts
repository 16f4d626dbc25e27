import { VarveError, type JsonValue } from '../../model/index.ts'
import { nearest } from '../../util/index.ts'
import { shown } from './list-error.ts'
import type { ListFile, ListOptions } from './list-row.ts'
import type { RowDetails } from './row-batches.ts'

/** Columns every sample has anyhow, as in img2dataset; no column of a list can be saved over them. */
export const reservedColumns: readonly string[] = [
  'key',
  'caption',
  'url',
  'width',
  'height',
  'original_width',
  'original_height',
  'status',
  'error_message',
  'exif',
  'md5',
  'sha256',
  'sha512',
]

/**
 * For the columns a user wants to save (not for a hash or region column, which may be called
 * `sha256` or anything). @throws LIST_COLUMN_RESERVED naming all that cannot be saved
 */
export function refuseReservedColumns(names: readonly string[]): void {
  const refused = names.filter((name) => reservedColumns.includes(name) || name === '__proto__')
  if (refused.length === 0) return
  throw new VarveError('LIST_COLUMN_RESERVED', {
    what: `Columns of these names cannot be saved, every sample has its own: ${refused.join(', ')}.`,
    data: { columns: refused },
  })
}

/** The columns to read, each once, and where the parts of a row stand among them. */
export interface ColumnChoice {
  readonly names: readonly string[]
  readonly url: number
  readonly caption: number | undefined
  readonly extra: readonly { readonly name: string; readonly slot: number }[]
}

export function chooseColumns(options: ListOptions): ColumnChoice {
  const { urlColumn, captionColumn, extraColumns = [] } = options
  const wanted = captionColumn === undefined ? [urlColumn] : [urlColumn, captionColumn]
  const names = [...new Set([...wanted, ...extraColumns])]
  return {
    names,
    url: names.indexOf(urlColumn),
    caption: captionColumn === undefined ? undefined : names.indexOf(captionColumn),
    extra: [...new Set(extraColumns)].map((name) => ({ name, slot: names.indexOf(name) })),
  }
}

/** @throws LIST_COLUMN_MISSING naming the columns there are and the nearest */
export function refuseMissing(
  file: Pick<ListFile, 'path'>,
  wanted: readonly string[],
  existing: readonly string[],
): void {
  const missing = wanted.filter((name) => !existing.includes(name))
  const first = missing[0]
  if (first === undefined) return
  const near = nearest(first, existing)
  const list = existing.length === 0 ? 'none' : existing.join(', ')
  throw new VarveError('LIST_COLUMN_MISSING', {
    what:
      `The list ${shown(file)} has no column ${missing.map((name) => `"${name}"`).join(', ')}. ` +
      `Its columns: ${list}.`,
    ...(near === undefined ? {} : { next: `Did you mean "${near}"?` }),
    data: {
      list: shown(file),
      missing,
      columns: existing,
      ...(near === undefined ? {} : { near }),
    },
  })
}

/** Caption and extra columns of one row whose values stand in the slots of `choice`. */
export function detailsOf(
  choice: ColumnChoice,
  valueAt: (slot: number) => JsonValue | undefined,
): RowDetails | undefined {
  if (choice.caption === undefined && choice.extra.length === 0) return undefined
  const caption = choice.caption === undefined ? undefined : captionOf(valueAt(choice.caption))
  if (choice.extra.length === 0) return { caption, columns: undefined }
  const columns: Record<string, JsonValue> = {}
  for (const { name, slot } of choice.extra) columns[name] = valueAt(slot) ?? null
  return { caption, columns }
}

/** A caption is text: numbers and the like are written as they would be in JSON. */
function captionOf(value: JsonValue | undefined): string | null {
  if (value === null || value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
