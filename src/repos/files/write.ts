import { isCommitId, type Digest } from '../../model/index.ts'
import { endCommit, isOutput, requireOpen, startCommit } from '../commit-life.ts'
import { findBranch, headOf, requireCommit } from '../queries.ts'
import { commitName, resolveCommit } from '../resolve.ts'
import type { Tx } from '../scope.ts'
import type { BranchKey, CommitInfo, CommitRef, RepoKey } from '../types/values.ts'
import type { CatalogDb } from '../catalog/catalog-db.ts'

/** Where a write goes: a branch, or one commit by id. */
type Target =
  | { readonly kind: 'branch'; readonly branch: BranchKey }
  | { readonly kind: 'commit'; readonly commit: CommitInfo }

export function targetOf(db: CatalogDb, ref: CommitRef): Target {
  if (typeof ref !== 'string') {
    if (!('id' in ref)) return { kind: 'branch', branch: ref }
    return { kind: 'commit', commit: requireCommit(db, ref) }
  }
  const { repo, name, id, ancestry } = commitName(db, ref)
  const isPlain = id === undefined && ancestry.kind === 'back' && ancestry.steps === 0
  const branch = { repo, branch: name }
  const isBranch = findBranch(db, branch) !== undefined
  const isTag = db.get('SELECT 1 FROM tags WHERE repo = ? AND tag = ?', repo, name) !== undefined
  if (isPlain && (isBranch || (!isCommitId(name) && !isTag))) return { kind: 'branch', branch }
  return { kind: 'commit', commit: resolveCommit(db, ref) }
}

export function targetRepo(db: CatalogDb, ref: CommitRef): RepoKey {
  const target = targetOf(db, ref)
  return target.kind === 'branch' ? target.branch.repo : target.commit.repo
}

export interface ContentChange {
  readonly target: CommitRef
  readonly message?: string | undefined
  /** The new root for the present one. */
  readonly change: (files: Digest) => Promise<Digest>
}

/**
 * Changes the content of an open commit, or of a branch by a commit of its own in the same record.
 * @throws COMMIT_FINISHED for a finished commit, IN_USE for an output branch
 */
export async function writeContent(tx: Tx, write: ContentChange): Promise<CommitInfo> {
  const target = targetOf(tx.db, write.target)
  const open = target.kind === 'branch' ? openHead(tx, target.branch) : requireOpen(target.commit)
  if (open?.origin === 'AUTO') throw isOutput({ repo: open.repo, branch: open.branch })
  if (open !== undefined) return changeOpen(tx, open, write)
  const { branch } = target as Extract<Target, { readonly kind: 'branch' }>
  const started = startCommit(tx, branch, { message: write.message ?? '' })
  return endCommit(tx, await withContent(tx, started, write), {})
}

function openHead(tx: Tx, key: BranchKey): CommitInfo | undefined {
  const branch = findBranch(tx.db, key)
  const head = branch === undefined ? undefined : headOf(tx.db, branch)
  return head?.state === 'open' && head.origin === 'USER' ? head : undefined
}

async function changeOpen(tx: Tx, open: CommitInfo, write: ContentChange): Promise<CommitInfo> {
  const { repo, id, files, size, count } = await withContent(tx, open, write)
  tx.emit({ op: 'commit.content', repo, id, files, size, count })
  return requireCommit(tx.db, { repo, id })
}

async function withContent(tx: Tx, commit: CommitInfo, write: ContentChange): Promise<CommitInfo> {
  const files = await write.change(commit.files)
  const { size, count } = await tx.tools.content.totals(files)
  return { ...commit, files, size, count }
}
