import type {
  FetcherOptions,
  HashName,
  ImageOptions,
  ListFormat,
  RowTotals,
  ServiceProgress,
} from '../../ingest/index.ts'
import type { RowsReport, ShardStats } from '../../materialize/index.ts'
import type { RepoKey } from '../../repos/index.ts'

/** img2dataset's arguments, in our own spelling; docs/download.md has the table. */
export interface DownloadRequest {
  /** The repo to fill, which must be there; `images`, made when it is not, if left out. */
  readonly repo?: string
  readonly urlList: string
  readonly outputFolder: string
  /** What the name of the list says, when left out. */
  readonly inputFormat?: ListFormat
  readonly urlColumn: string
  readonly captionColumn?: string
  readonly extraColumns?: readonly string[]
  readonly regionColumn?: string
  readonly outputFormat: 'files' | 'webdataset' | 'parquet' | 'tfrecord' | 'dummy'
  readonly numberSamplePerShard: number
  readonly oomShardCount: number
  readonly incrementalMode: 'incremental' | 'overwrite' | 'extend'
  readonly image: Partial<ImageOptions>
  readonly computeHash?: HashName
  /** Column with the hash the bytes must have; it is checked against `computeHash`. */
  readonly verifyColumn?: string
  readonly fetch: FetcherOptions
  /** Fetch rows that failed in an earlier run once more, and rewrite their shards. */
  readonly retryFailed?: boolean
  readonly concurrency: number
  readonly input?: AsyncIterable<Uint8Array>
  readonly signal: AbortSignal
  readonly progress?: (progress: DownloadProgress) => void
}

export type DownloadProgress =
  | { readonly kind: 'enqueued'; readonly rows: number }
  | { readonly kind: 'fetching'; readonly service: ServiceProgress }
  | { readonly kind: 'shard'; readonly shard: ShardStats }

export interface DownloadReport extends RowsReport {
  /** Number of the first shard of these lists. */
  readonly firstShard: number
  readonly repo: RepoKey
  /** Rows that made no sense, by list; the first of them with line and reason. */
  readonly lists: readonly {
    readonly name: string
    readonly rows: number
    readonly bad: number
    readonly badRows: readonly { readonly line: number; readonly reason: string }[]
  }[]
  /** Why rows of the repo failed, the most frequent first; empty when none of this run's shards did. */
  readonly errors: RowTotals['errors']
  /** What the fetching of this run did; absent when nothing was left to fetch. */
  readonly service?: ServiceProgress
}
