import type { Digest, JsonObject } from '../../model/index.ts'

/** One row of a list in img2dataset's words. */
export interface ShardRow {
  /** Place in the shard, from 0: gaps are rows that were lost, and allowed. */
  readonly index: number
  readonly status: 'success' | 'failed_to_download' | 'failed_to_resize'
  readonly error: string | null
  readonly url: string
  readonly caption?: string | null
  /** Additional columns by name. */
  readonly columns?: JsonObject
  readonly width: number | null
  readonly height: number | null
  readonly originalWidth: number | null
  readonly originalHeight: number | null
  /** JSON text. */
  readonly exif?: string | null
  readonly hash?: string | null
  /** Of a success: its bytes in the store, and the extension of its member. */
  readonly media?: { readonly digest: Digest; readonly size: number; readonly extension: string }
}

/**
 * The rows of one shard in list order, in batches of any size. They may take their time: samples are
 * written as they come. A shard without rows makes no files.
 */
export interface ShardRows {
  /** Its number, from 0. */
  readonly shard: number
  readonly rows: AsyncIterable<readonly ShardRow[]>
}

export interface RowsOptions {
  readonly target: string
  readonly outputFormat: 'files' | 'webdataset' | 'parquet' | 'tfrecord' | 'dummy'
  readonly numberSamplePerShard: number
  /** Digits of a shard's number. */
  readonly oomShardCount: number
  /** Name of the binary column of `parquet` and of the feature of `tfrecord`. */
  readonly encodeFormat: string
  readonly columns: RowColumns
  readonly incrementalMode: 'incremental' | 'overwrite'
  /** A finished shard of ours whose rows are not those it was made from is written again. */
  readonly rewriteChanged?: boolean
  /** By number, each to be read before the next. Finished shards may be left out: see `finishedShards`. */
  readonly shards: AsyncIterable<ShardRows>
  /** When the shard's work began and ended, ms since the epoch; now, if left out. */
  readonly times?: (shard: number) => { readonly start: number; readonly end: number } | undefined
  readonly signal?: AbortSignal
  readonly progress?: (shard: ShardStats) => void
}

/** Which columns there are besides url, key, status and sizes. */
export interface RowColumns {
  /** In the order asked for. */
  readonly additional: readonly string[]
  /** Of additional columns, where they are known; else the values of the shards so far tell. */
  readonly types?: Readonly<Record<string, 'BOOLEAN' | 'INT64' | 'DOUBLE' | 'STRING'>>
  readonly caption: boolean
  readonly exif: boolean
  readonly hash?: 'md5' | 'sha256' | 'sha512'
  /** The hash stands where the list's own stood, before the URL; in the `.json` it is the last anyhow. */
  readonly verified?: boolean
}

export interface ShardStats {
  /** The number in the shard's name. */
  readonly shard: number
  readonly count: number
  readonly successes: number
  readonly failedToDownload: number
  readonly failedToResize: number
}

export interface RowsReport {
  readonly shards: number
  readonly kept: number
  readonly count: number
  readonly successes: number
  readonly failedToDownload: number
  readonly failedToResize: number
}
