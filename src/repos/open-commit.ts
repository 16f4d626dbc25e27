import { EMPTY_TREE, type CommitId } from '../model/index.ts'
import { findBranch, findCommit, goodCommit, nextSequence, requireCommit } from './queries.ts'
import type { Tx } from './scope.ts'
import type { BranchKey, CommitInfo, CommitKey, CommitOrigin } from './types/values.ts'

interface NewCommit {
  readonly branch: BranchKey
  readonly origin: CommitOrigin
  readonly message?: string
  readonly parent: CommitInfo | undefined
  readonly merged?: CommitId
  readonly provenance?: readonly CommitKey[]
}

/** Opens a commit with its base's content (the last good ancestor's) and makes it its branch's head. */
export function openCommit(tx: Tx, { branch, origin, parent, ...rest }: NewCommit): CommitInfo {
  const base = goodCommit(tx.db, parent)
  const { repo } = branch
  const id = freshId(tx, branch)
  tx.emit({
    op: 'commit.start',
    repo,
    id,
    sequence: nextSequence(tx.db),
    branch: branch.branch,
    parent: parent?.id ?? null,
    merged: rest.merged ?? null,
    origin,
    message: rest.message ?? '',
    startedAt: tx.at,
    provenance: rest.provenance ?? [],
    files: base?.files ?? EMPTY_TREE,
    size: base?.size ?? 0,
    count: base?.count ?? 0,
  })
  setHead(tx, branch, id)
  return requireCommit(tx.db, { repo, id })
}

/** The transaction's id; another one where this repo already has a commit of that id. */
function freshId(tx: Tx, { repo }: BranchKey): CommitId {
  if (findCommit(tx.db, { repo, id: tx.id }) === undefined) return tx.id
  return tx.tools.random.uuidHex() as CommitId
}

/** Moves a head without waking anybody; makes the branch when it is new. */
function setHead(tx: Tx, { repo, branch }: BranchKey, head: CommitId): void {
  if (findBranch(tx.db, { repo, branch }) !== undefined) {
    tx.emit({ op: 'branch.head', repo, branch, head })
    return
  }
  emitNewBranch(tx, { repo, branch }, head)
}

/** The op of a branch that nothing is computed from and that is computed from nothing. */
export function emitNewBranch(tx: Tx, { repo, branch }: BranchKey, head: CommitId | null): void {
  tx.emit({ op: 'branch.set', repo, branch, head, inputs: [], trigger: null, createdAt: tx.at })
}
