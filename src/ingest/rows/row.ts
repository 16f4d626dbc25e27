import type { Digest, JsonObject } from '../../model/index.ts'
import type { MediaFacts } from '../image/index.ts'

/** How a row can end. The texts are img2dataset's where it has the state. */
export const rowStatuses = [
  'success',
  'failed_to_download',
  'failed_to_resize',
  'opted_out',
  'duplicate',
] as const
export type RowStatus = (typeof rowStatuses)[number]

/** The states worth another try: what was refused or is here already is not. */
export const retriedStatuses = ['failed_to_download', 'failed_to_resize'] as const

/** One row of one list: the list by its id, the row by its place among the list's rows, from 0. */
export interface RowKey {
  readonly list: string
  readonly position: number
}

/** A row on its way to be fetched, as it stands on the bus. */
export interface QueuedRow extends RowKey {
  readonly url: string
  readonly caption?: string | null
  readonly columns?: JsonObject
  /** Names one wish to fetch the row although it has ended: each wish is fulfilled once. */
  readonly again?: string
  /** Fetch again only what the server says has changed. */
  readonly refresh?: true
}

/** What is known of the bytes a row ended with. */
export interface RowMedia extends MediaFacts {
  readonly digest: Digest
  readonly size: number
  /** Hash of the bytes as they were downloaded, in the form the run asked for. */
  readonly hash?: string
}

/** How a row ended; kept in the catalog and replaced by the next try. */
export interface RowEnd extends QueuedRow {
  readonly status: RowStatus
  readonly error?: string
  /** Requests sent in all, retries included. */
  readonly attempts: number
  /** The row whose URL this one repeats. */
  readonly duplicateOf?: RowKey
  readonly media?: RowMedia
  readonly etag?: string
  readonly lastModified?: string
}

export interface RowInfo extends RowEnd {
  /** When it ended, ms since the epoch. */
  readonly at: number
}

/** Path of a row's files in the repo, without extension: `3f9a12bc/000000041`. */
export function rowPath({ list, position }: RowKey): string {
  return `${list}/${String(position).padStart(9, '0')}`
}

/** The last part of the path: the key of the row's sample. */
export function rowSample({ position }: RowKey): string {
  return String(position).padStart(9, '0')
}
