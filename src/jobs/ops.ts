import type { CommitId, Digest } from '../model/index.ts'
import type { CatalogOp, RepoKey, StoreTx } from '../repos/index.ts'
import type { DatumRecord } from './datum-record.ts'
import type { DatumOutput, JobInfo, PipelineInfo } from './types.ts'

/** The facts this room adds to the catalog's records; `docs/format/datums.md`. */
export type PipelineDoc = Omit<PipelineInfo, 'lastJob'>

export interface PipelineSetOp extends CatalogOp {
  readonly op: 'pipeline.set'
  readonly pipeline: PipelineDoc
}

export interface PipelineDeleteOp extends CatalogOp {
  readonly op: 'pipeline.delete'
  readonly key: RepoKey
}

export interface JobSetOp extends CatalogOp {
  readonly op: 'job.set'
  readonly job: JobInfo
}

export interface JobDeleteOp extends CatalogOp {
  readonly op: 'job.delete'
  readonly pipeline: RepoKey
  readonly id: CommitId
}

/** Datums that ended in a job that goes on. `key` puts the result into the datum cache too. */
export interface DatumsDoneOp extends CatalogOp {
  readonly op: 'datums.done'
  readonly pipeline: RepoKey
  readonly job: CommitId
  readonly datums: readonly DoneDatum[]
}

export interface DoneDatum {
  readonly id: Digest
  readonly record: DatumRecord
  readonly key?: Digest
  /** The cache entry the result was taken from. */
  readonly hit?: Digest
  /** The outputs, where the record holds them as an item: what garbage collection must keep. */
  readonly outputs?: readonly DatumOutput[]
}

/** Takes results of an unfinished job back, out of the cache too: they run again. */
export interface DatumsRedoOp extends CatalogOp {
  readonly op: 'datums.redo'
  readonly pipeline: RepoKey
  readonly job: CommitId
  readonly ids: readonly Digest[]
  readonly keys: readonly Digest[]
}

/** Only in checkpoints: cache entries whose jobs have ended. */
export interface CachePutOp extends CatalogOp {
  readonly op: 'cache.put'
  readonly entries: readonly CacheEntry[]
}

export interface CacheEntry {
  readonly key: Digest
  readonly record: DatumRecord
  /** The job that used the result last, and when, ms since the epoch. */
  readonly use: { readonly pipeline: RepoKey; readonly job: CommitId; readonly usedAt: number }
}

/** Results nobody used for long, or whose bytes are lost. */
export interface CacheDropOp extends CatalogOp {
  readonly op: 'cache.drop'
  readonly keys: readonly Digest[]
}

/** Items that the records of a job refer to: garbage collection keeps them while the job exists. */
export interface JobItemsOp extends CatalogOp {
  readonly op: 'job.items'
  readonly pipeline: RepoKey
  readonly job: CommitId
  readonly items: readonly Digest[]
}

/** What a trigger has seen since it fired last. */
export interface TriggerSetOp extends CatalogOp {
  readonly op: 'trigger.set'
  readonly repo: RepoKey
  readonly branch: string
  readonly firedAt: number
  /** Size of the watched branch when it fired, bytes. */
  readonly size: number
  readonly commits: number
}

/** Kept when the pipeline goes: the files it wrote stay its own. */
export interface EgressSetOp extends CatalogOp {
  readonly op: 'egress.set'
  readonly pipeline: RepoKey
  readonly url: string
  /** File tree handed over whole last. */
  readonly done?: Digest
  /** File trees begun since. */
  readonly begun: readonly Digest[]
}

export type JobsOp =
  | PipelineSetOp
  | PipelineDeleteOp
  | JobSetOp
  | JobDeleteOp
  | DatumsDoneOp
  | DatumsRedoOp
  | CachePutOp
  | CacheDropOp
  | JobItemsOp
  | TriggerSetOp
  | EgressSetOp

/** Heard from the room that owns them: what a trigger has seen goes with its branch. */
export type HeardOp =
  | { readonly op: 'repo.delete'; readonly repo: RepoKey }
  | { readonly op: 'branch.delete'; readonly repo: RepoKey; readonly branch: string }

/** Adds an op of this room to a transaction: the catalog itself takes any shape. */
export function emit(tx: Pick<StoreTx, 'emit'>, op: JobsOp): void {
  tx.emit(op)
}
