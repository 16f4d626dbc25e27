import type { CommitId } from '../model/index.ts'
import type { SegmentStore } from '../segments/index.ts'
import type { Random } from '../util/index.ts'
import type { CatalogDb } from './catalog/catalog-db.ts'
import type { RepoOp } from './catalog/ops.ts'
import type { Gate } from './gate.ts'
import type { TreeContent } from './files/tree-content.ts'
import type { StoreTx } from './types/transaction.ts'
import type { BranchKey, CommitInfo, CommitKey, RepoKey } from './types/values.ts'

/** What the nouns work on: the store itself, or one transaction. */
export interface Scope {
  /** Where reads look. A function, because a store's transaction has another connection. */
  readonly db: CatalogDb
  readonly tools: Tools
  /** On the store: a transaction of its own. In a transaction: at once, as part of it. */
  write<T>(work: (tx: Tx) => Promise<T> | T): Promise<T>
  /** Keeps garbage collection away; a transaction already does. */
  adding<T>(work: () => Promise<T>): Promise<T>
}

/** Things that do not change from one transaction to the next. */
export interface Tools {
  readonly segments: SegmentStore
  readonly content: TreeContent
  readonly random: Random
  readonly gate: Gate
  readonly fetch: (url: string) => AsyncIterable<Uint8Array>
  readonly temporaryDirectory: string
}

/** A transaction as this room sees it: typed ops, and what propagation needs to know at the end. */
export interface Tx extends Scope, Omit<StoreTx, 'emit'> {
  readonly db: CatalogDb
  emit(op: RepoOp): void
  /** A branch got another head or other inputs. */
  moved(branch: BranchKey): void
  /** A USER commit was opened on a branch. */
  written(branch: BranchKey): void
  finished(commit: CommitKey): void
  removed(commit: CommitKey): void
  deleted(repo: RepoKey, options: { readonly force: boolean }): void
  /** An AUTO commit was opened on request, apart from propagation. */
  reran(commit: CommitInfo): void
  /** The id of the transaction, taken from a commit that finishes in it unless one is set. */
  adoptId(id: CommitId): void
}
