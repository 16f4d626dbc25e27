import type { JsonObject, JsonValue } from '../../model/index.ts'
import type { RowColumns, ShardRow } from './types.ts'

/** A row's columns by name, in img2dataset's order: they become its `.json` and its line in the table. */
export function rowMeta(row: ShardRow, key: string, columns: RowColumns): JsonObject {
  const meta: Record<string, JsonValue> = {}
  for (const name of columns.additional) meta[name] = row.columns?.[name] ?? null
  if (columns.caption) meta['caption'] = row.caption ?? null
  meta['url'] = row.url
  meta['key'] = key
  meta['status'] = row.status
  meta['error_message'] = row.error
  meta['width'] = row.width
  meta['height'] = row.height
  meta['original_width'] = row.originalWidth
  meta['original_height'] = row.originalHeight
  if (columns.exif) meta['exif'] = row.exif ?? null
  if (columns.hash !== undefined) meta[columns.hash] = row.hash ?? null
  return meta
}

/** JSON as Python's `json.dumps(value, indent=4)` writes it: ASCII only. */
export function pythonJson(value: unknown): string {
  return JSON.stringify(value, null, 4).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
