import type { CommitRef, PathMatcher, Store } from '../repos/index.ts'
import type { SegmentStore } from '../segments/index.ts'
import type { CommitId, Digest, JsonObject } from '../model/index.ts'
import type { Clock } from '../util/index.ts'
import type { RowsOptions, RowsReport } from './img2dataset/types.ts'

/** What a materializer needs of an open store; it only reads. */
export interface MaterializerParts {
  readonly store: Store
  readonly segments: Pick<SegmentStore, 'locate'>
  /** Start and end times in the stats of layout `img2dataset`. */
  readonly clock: Clock
  /** Where the order of a shuffled stream is spilled to when it is large; the system's folder if left out. */
  readonly temporaryDirectory?: string
}

/** Files made from commits. Every call reads one finished commit and can be killed at any instant. */
export interface Materializer {
  /**
   * Writes the samples of a commit below `target` and answers what lies there now. Shards that an
   * earlier run wrote and that would hold the same are kept. `TARGET_FOREIGN` names a file in the
   * way that no run of ours wrote, `DISK_FULL` and `IO_FAILED` leave whole shards behind.
   */
  materialize(options: MaterializeOptions): Promise<MaterializeReport>
  /** Layout `img2dataset`: shards from rows in list order, failures included. */
  materializeRows(options: RowsOptions): Promise<RowsReport>
  /** One TAR archive in chunks of about a megabyte, for standard output. */
  streamTar(options: StreamTarOptions): AsyncIterable<Uint8Array>
  /** Samples for a trainer, resumed exactly by the position of the last one. */
  streamSamples(options: StreamSamplesOptions): AsyncIterable<StreamedSample>
}

/**
 * Which samples of a commit. A sample is the files of one key: the path up to the first dot of the
 * file name. Files no WebDataset reader would see (no dot, a leading dot, below `__dir__/`) are left out.
 */
export interface Selection {
  readonly commit: CommitRef
  /** Only files this matches take part; the engine compiles the glob. */
  readonly match?: PathMatcher
  /** A SQL boolean expression (SQLite) over `key` and the columns of each sample. */
  readonly where?: string
  /** Columns for `where` by key, a batch at a time, instead of the sample's own `<key>.json`. */
  readonly columnsOf?: ColumnsOf
}

export type ColumnsOf = (keys: readonly string[]) => Promise<readonly (JsonObject | undefined)[]>

export type MaterializeFormat =
  | 'manifest'
  | 'webdataset'
  | 'parquet'
  | 'files'
  | 'tfrecord'
  | 'dummy'

/** Small files beside each TAR shard (`wids`: one for all) that readers ask for. */
export type Sidecar = 'wids' | 'dali' | 'parquet'

export interface MaterializeOptions extends Selection {
  /** A folder of this machine; made when absent. */
  readonly target: string
  readonly format: MaterializeFormat
  /** Most samples of a shard; 10,000 (a manifest: 100,000) when left out. */
  readonly shardSamples?: number
  /** Most bytes of a shard, TAR headers included; a larger sample gets a shard of its own. */
  readonly shardBytes?: number
  /** With one `%06d` or the like for the shard's number; ends as the format does when left out. */
  readonly shardName?: string
  /** Any text: shuffles, the same way everywhere. Path order when left out. */
  readonly seed?: string
  /** Only with format `webdataset`. */
  readonly sidecars?: readonly Sidecar[]
  /** Replaces files in the way that no run of ours wrote. */
  readonly overwrite?: boolean
  readonly signal?: AbortSignal
  readonly progress?: (done: MaterializeProgress) => void
}

export interface MaterializeProgress {
  /** Samples and bytes of payload of all shards that are done, kept ones included. */
  readonly samples: number
  readonly bytes: number
  readonly shards: number
}

export interface MaterializeReport extends MaterializeProgress {
  readonly commit: CommitId
  /** Root of the file tree the samples came from. */
  readonly root: Digest
  /** Shards left as an earlier run wrote them. */
  readonly kept: number
  /** Files of an earlier run that have no place in this one and were removed. */
  readonly removed: number
  /** Files of the selection that belong to no sample, and the first few of them. */
  readonly skipped: number
  readonly skippedPaths: readonly string[]
}

export interface StreamTarOptions extends Selection {
  readonly seed?: string
  readonly signal?: AbortSignal
}

export interface StreamSamplesOptions extends Selection {
  readonly seed?: string
  /** `position` of the last sample seen; 0 to begin. Counts the samples of all ranks. */
  readonly position?: number
  /** This reader's number among `worldSize`; each sample goes to exactly one rank. */
  readonly rank?: number
  readonly worldSize?: number
  /** Extensions to read; all when left out. A sample without any of them comes with no fields. */
  readonly fields?: readonly string[]
  readonly signal?: AbortSignal
}

export interface StreamedSample {
  readonly key: string
  /** By extension, without the dot. Views of a larger buffer: copy those that are kept long. */
  readonly fields: Readonly<Record<string, Uint8Array>>
  /** Hand this to `position` to go on right after this sample, with any number of ranks. */
  readonly position: number
}
