import type { StoreTx } from './transaction.ts'
import type { BranchKey, CommitInfo, CommitKey, RepoKey } from './values.ts'

/**
 * What `jobs` adds to every transaction, in the same record. Called before the record is written,
 * after the caller's own work.
 */
export interface Propagation {
  /** Branches on which USER commits were opened: throws where people must not write. */
  written?(tx: StoreTx, branches: readonly BranchKey[]): void | Promise<void>
  /** A repo was deleted: throws when something writes it still; with `force` that goes too. */
  deleted?(tx: StoreTx, repo: RepoKey, options: { readonly force: boolean }): void
  /** Commits that finished without error in this transaction: triggers may move branches here. */
  finished?(tx: StoreTx, commits: readonly CommitInfo[]): void | Promise<void>
  /** AUTO commits just opened because a branch above moved; inputs come before what needs them. */
  created?(tx: StoreTx, commits: readonly CommitInfo[]): void | Promise<void>
  /** Commits that were dropped or squashed, or whose repo was deleted. */
  removed?(tx: StoreTx, commits: readonly CommitKey[]): void | Promise<void>
}
