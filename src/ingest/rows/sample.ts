import type { JsonValue } from '../../model/index.ts'
import type { RowEnd } from './row.ts'

export interface SampleOptions {
  /** The key the sample has where the document goes. */
  readonly key: string
  /** Column the hash of the downloaded bytes stands in: `sha256`. */
  readonly hashName?: string | undefined
}

/**
 * The JSON beside a sample: img2dataset's columns, under its names and in its order (additional
 * columns, caption, url, key, status, error_message, sizes, exif, hash).
 */
export function sampleDocument(row: RowEnd, options: SampleOptions): Record<string, JsonValue> {
  const { media } = row
  return {
    ...row.columns,
    ...(row.caption === undefined ? {} : { caption: row.caption }),
    url: row.url,
    key: options.key,
    status: row.status,
    error_message: row.error ?? null,
    width: media?.width ?? null,
    height: media?.height ?? null,
    original_width: media?.originalWidth ?? null,
    original_height: media?.originalHeight ?? null,
    ...(media?.exif === undefined ? {} : { exif: media.exif }),
    ...(options.hashName === undefined ? {} : { [options.hashName]: media?.hash ?? null }),
  }
}
