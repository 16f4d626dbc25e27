import type { JsonObject } from '../../model/index.ts'
import { invariant } from '../../util/index.ts'
import { pythonJson } from './row-meta.ts'
import type { RowColumns, ShardRow } from './types.ts'

/** A row that is a sample: its media, and what is known of it. */
export interface RowSample {
  readonly key: string
  readonly meta: JsonObject
  readonly caption: string | undefined
  readonly extension: string
  readonly digest: NonNullable<ShardRow['media']>['digest']
  readonly size: number
}

/** `caption` is there, if empty, whenever captions are saved. */
export function rowSample(
  row: ShardRow,
  { key, meta, columns }: { key: string; meta: JsonObject; columns: RowColumns },
): RowSample {
  const { media } = row
  invariant(media !== undefined, `row ${key} is a success without media`)
  const caption = columns.caption ? (row.caption ?? '') : undefined
  return { key, meta, caption, ...media }
}

export interface RowMember {
  readonly name: string
  /** Undefined for the media itself. */
  readonly bytes: Uint8Array | undefined
}

/** Names of a sample's files, sorted by extension: media, `.json`, and `.txt` when captions are saved. */
export function memberNames({ key, caption, extension }: RowSample): string[] {
  const extensions = [extension, 'json', ...(caption === undefined ? [] : ['txt'])]
  return extensions.sort().map((each) => `${key}.${each}`)
}

export function rowMembers(sample: RowSample): RowMember[] {
  const { key, meta, caption } = sample
  return memberNames(sample).map((name) => {
    if (name === `${key}.json`) return { name, bytes: Buffer.from(pythonJson(meta)) }
    if (name === `${key}.txt`) return { name, bytes: Buffer.from(caption ?? '') }
    return { name, bytes: undefined }
  })
}
