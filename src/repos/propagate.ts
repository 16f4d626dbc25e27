import { invariant } from '../util/index.ts'
import { closureBelow } from './graph.ts'
import { openCommit } from './open-commit.ts'
import {
  findCommit,
  goodCommit,
  headOf,
  isGood,
  requireBranch,
  showBranch,
  showCommit,
} from './queries.ts'
import type { Tx } from './scope.ts'
import type { BranchInfo, BranchKey, CommitInfo, CommitKey } from './types/values.ts'

/**
 * Opens an AUTO commit on every branch below those that moved, inputs first, so that each repo gets
 * one commit for one change however many ways lead to it. A branch whose head was already computed
 * from the present heads gets none.
 */
export function propagate(tx: Tx, moved: readonly BranchKey[]): readonly CommitInfo[] {
  const awake = new Set(moved.map(showBranch))
  const created: CommitInfo[] = []
  for (const key of closureBelow(tx.db, moved)) {
    const branch = requireBranch(tx.db, key)
    if (!isWoken(branch, awake)) continue
    const heads = inputHeads(tx, branch)
    if (heads === undefined || isComputedFrom(tx, branch, heads)) continue
    created.push(openOutput(tx, branch, heads))
    awake.add(showBranch(key))
  }
  return created
}

/** Opens an AUTO commit although the heads above are the same; undefined when one is missing. */
export function rerunBranch(tx: Tx, branch: BranchInfo): CommitInfo | undefined {
  const heads = branch.inputs.length === 0 ? undefined : inputHeads(tx, branch)
  return heads === undefined ? undefined : openOutput(tx, branch, heads)
}

function isWoken(branch: BranchInfo, awake: ReadonlySet<string>): boolean {
  if (branch.inputs.length === 0) return false
  if (awake.has(showBranch(branch))) return true
  return branch.inputs.some((input) => input.quiet !== true && awake.has(showBranch(input)))
}

function openOutput(tx: Tx, branch: BranchInfo, provenance: readonly CommitKey[]): CommitInfo {
  return openCommit(tx, { branch, origin: 'AUTO', parent: headOf(tx.db, branch), provenance })
}

function isComputedFrom(tx: Tx, branch: BranchInfo, heads: readonly CommitKey[]): boolean {
  const head = headOf(tx.db, branch)
  if (head === undefined) return false
  const present = new Set(head.provenance.map(showCommit))
  return present.size === heads.length && heads.every((each) => present.has(showCommit(each)))
}

/** The commits to compute a branch from, one per input repo and id; undefined when one has no content. */
function inputHeads(tx: Tx, branch: BranchInfo): readonly CommitKey[] | undefined {
  const heads = new Map<string, CommitKey>()
  for (const input of branch.inputs) {
    const head = inputHead(tx, requireBranch(tx.db, input))
    if (head === undefined) return undefined
    heads.set(showCommit(head), { repo: head.repo, id: head.id })
  }
  return [...heads.values()]
}

/**
 * An open commit of another change is not waited for: what it brings starts a change of its own.
 * A failed output is passed on, so that what is below can name the cause.
 */
function inputHead(tx: Tx, input: BranchInfo): CommitInfo | undefined {
  const head = headOf(tx.db, input)
  if (head === undefined) return emptyCommit(tx, input)
  if (head.origin === 'AUTO' || isGood(head) || head.id === tx.id) return head
  return goodCommit(tx.db, head)
}

/** An input that never held anything counts as empty, and says so with a commit. */
function emptyCommit(tx: Tx, branch: BranchInfo): CommitInfo | undefined {
  if (branch.inputs.length > 0) return undefined
  const commit = openCommit(tx, { branch, origin: 'AUTO', parent: undefined })
  const { repo, id, files, size, count } = commit
  tx.emit({
    op: 'commit.finish',
    repo,
    id,
    finishedAt: tx.at,
    message: '',
    error: null,
    files,
    datums: null,
    size,
    count,
  })
  const finished = findCommit(tx.db, { repo, id })
  invariant(finished !== undefined, 'a commit just made is gone')
  return finished
}
