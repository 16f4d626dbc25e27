import type { CommitId } from '../../model/index.ts'
import type { SegmentStore } from '../../segments/index.ts'
import type { Clock, Random } from '../../util/index.ts'
import type { CatalogDb } from '../catalog/catalog-db.ts'
import type { CatalogReducer, StoreEvent } from './catalog.ts'
import type { Content } from './content.ts'
import type { CopySource, WriteOptions } from './files.ts'
import type { Maintenance } from './maintenance.ts'
import type { BranchChange } from './nouns.ts'
import type { Propagation } from './propagation.ts'
import type { Nouns, Rehearsal, StoreTx } from './transaction.ts'
import type { BranchKey, CommitInfo, CommitKey, CommitRef, CommitSet, RepoRef } from './values.ts'

export interface Store extends Nouns {
  /** Tables as last committed. Read only. */
  readonly db: CatalogDb
  readonly content: Content
  readonly maintenance: Maintenance
  readonly batches: Batches
  /**
   * Runs one transaction; others wait. Adding items belongs before it. Never call the store's own
   * writes inside (use the transaction's): they would wait for ever.
   */
  transact<T>(work: (tx: StoreTx) => Promise<T> | T): Promise<T>
  /**
   * Answers or refuses as deletions in a transaction would, and deletes nothing; needs no writer's
   * lock. Each deletion is judged by what is there, not by what those before it would have left.
   */
  rehearse<T>(work: (tx: Rehearsal) => Promise<T>): Promise<T>
  /** Keeps garbage collection away while items are added that no record names yet. */
  adding<T>(work: () => Promise<T>): Promise<T>
  /** Resolves with the commit when it is finished; sees other processes by polling. */
  waitCommit(commit: CommitRef, options?: { signal?: AbortSignal }): Promise<CommitInfo>
  waitSet(id: CommitId, options?: { signal?: AbortSignal }): Promise<CommitSet>
  /** Finished commits of a branch, oldest first, then new ones as they finish. */
  subscribe(branch: string | BranchKey, options?: SubscribeOptions): AsyncIterable<CommitInfo>
  /** Resolves when the catalog may have changed (here or in another process). */
  changed(options?: { signal?: AbortSignal }): Promise<void>
  close(): Promise<void>
}

export interface SubscribeOptions {
  readonly signal?: AbortSignal
  /** Only commits made from now on. */
  readonly new?: boolean
  readonly from?: CommitId
}

/** Transactions gathered over several commands (`start transaction` ... `finish transaction`). */
export interface Batches {
  start(): Promise<BatchInfo>
  /** Adds a request; checked when the batch is finished. */
  add(id: string, request: BatchRequest): Promise<BatchInfo>
  finish(id: string): Promise<readonly CommitKey[]>
  inspect(id: string): BatchInfo
  list(): readonly BatchInfo[]
  delete(id: string): Promise<void>
}

export type BatchRequest =
  | { readonly kind: 'repo.create'; readonly repo: RepoRef; readonly description?: string }
  | { readonly kind: 'repo.update'; readonly repo: RepoRef; readonly description: string }
  | { readonly kind: 'repo.delete'; readonly repo: RepoRef; readonly force?: boolean }
  | { readonly kind: 'branch.set'; readonly branch: string; readonly change?: BranchChange }
  | { readonly kind: 'branch.delete'; readonly branch: string; readonly force?: boolean }
  | { readonly kind: 'commit.start'; readonly branch: string; readonly message?: string }
  | { readonly kind: 'commit.finish'; readonly commit: string; readonly message?: string }
  | { readonly kind: 'commit.squash'; readonly id: CommitId; readonly recursive?: boolean }
  | { readonly kind: 'tag.set'; readonly tag: string; readonly commit: string }
  | {
      readonly kind: 'file.copy'
      readonly target: string
      readonly from: CopySource
      readonly path: string
      readonly options: WriteOptions
    }
  | {
      readonly kind: 'file.delete'
      readonly target: string
      readonly paths: readonly string[]
      readonly options: WriteOptions
    }

export interface BatchInfo {
  readonly id: string
  readonly startedAt: number
  readonly requests: readonly BatchRequest[]
}

/** Everything a store needs from outside. The caller opens `segments` and holds the writer's lock. */
export interface StoreOptions {
  readonly segments: SegmentStore
  /**
   * The catalog's SQLite file (`.varve/catalog.sqlite`), a cache: built from the records when it is
   * missing, older than the reducers or damaged. Apart from the item index, because a catalog
   * transaction stays open while segments publish to theirs.
   */
  readonly catalogFile: string
  readonly clock: Clock
  readonly random: Random
  /** Other rooms' tables, applied in this order after our own. */
  readonly reducers?: readonly CatalogReducer[]
  readonly propagation?: Propagation
  /** Facts of each transaction, after it is durable. Must not throw. */
  readonly listener?: (events: readonly StoreEvent[]) => void
  /** Opens a URL's bytes; plain `fetch` when left out. */
  readonly fetch?: (url: string) => AsyncIterable<Uint8Array>
  /** Where large streams are spooled to; the system's folder for such things if left out. */
  readonly temporaryDirectory?: string
  /** Reads only: writes are refused and records are not replayed into the file. */
  readonly readOnly?: boolean
  /** How large a record of a checkpoint may grow, which bounds the memory it takes; 8 MiB by default. */
  readonly checkpointPartBytes?: number
  /** Hears, in a sentence, what was mended without being asked: a damaged catalog file. */
  readonly notice?: (what: string) => void
}
