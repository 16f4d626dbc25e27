import { VarveError, type CommitId } from '../model/index.ts'
import { commitsBelow } from './history.ts'
import {
  branchesWithHead,
  childrenOf,
  commitNotFound,
  commitsOfSet,
  showBranch,
  showCommit,
} from './queries.ts'
import type { Tx } from './scope.ts'
import type { CommitInfo, CommitKey } from './types/values.ts'

interface RemovalOptions {
  /** Take along what was computed from it. */
  readonly recursive?: boolean
}

/**
 * Removes all commits of a set. Trees are whole, so children keep their content as it is.
 * @throws IN_USE when a commit has no finished child, is a head, is tagged, or has subvenance
 *   outside the set and `recursive` was not asked for; COMMIT_OPEN when one is open
 */
export function squashSet(tx: Tx, id: CommitId, options: RemovalOptions): readonly CommitKey[] {
  const set = commitsOfSet(tx.db, id)
  if (set.length === 0) throw commitNotFound(id)
  return squashAll(tx, withSubvenance(tx, set, { ...options, wholeSets: true }))
}

/** As `squashSet`, for one commit; the others of its set stay. */
export function squashCommit(
  tx: Tx,
  commit: CommitInfo,
  options: RemovalOptions,
): readonly CommitKey[] {
  return squashAll(tx, withSubvenance(tx, [commit], { ...options, wholeSets: false }))
}

function squashAll(tx: Tx, doomed: readonly CommitInfo[]): readonly CommitKey[] {
  for (const commit of doomed) checkSquash(tx, commit, doomed)
  return remove(tx, doomed)
}

/**
 * Removes a head without children; every branch that showed it falls back to its parent.
 * @throws IN_USE when it has children, is tagged, or has subvenance without `recursive`
 */
export function dropCommit(
  tx: Tx,
  commit: CommitInfo,
  options: RemovalOptions,
): readonly CommitKey[] {
  return drop(tx, withSubvenance(tx, [commit], { ...options, wholeSets: false }))
}

/**
 * Removes all commits of a set with their content.
 * @throws IN_USE when one has children outside the set, is tagged, or something was computed from it
 */
export function dropSet(tx: Tx, id: CommitId): readonly CommitKey[] {
  const set = commitsOfSet(tx.db, id)
  if (set.length === 0) throw commitNotFound(id)
  return drop(tx, withSubvenance(tx, set, { wholeSets: false }))
}

function drop(tx: Tx, doomed: readonly CommitInfo[]): readonly CommitKey[] {
  for (const each of doomed) {
    const children = childrenOf(tx.db, each).filter((child) => !isAmong(doomed, child))
    if (children.length > 0) {
      throw inUse(each, `it has children: ${children.map(showCommit).join(', ')}`)
    }
    refuseTagged(tx, each)
  }
  return remove(tx, doomed)
}

function withSubvenance(
  tx: Tx,
  commits: readonly CommitInfo[],
  options: RemovalOptions & { readonly wholeSets: boolean },
): readonly CommitInfo[] {
  const doomed = new Map(commits.map((commit) => [showCommit(commit), commit]))
  const queue = [...commits]
  for (let each = queue.pop(); each !== undefined; each = queue.pop()) {
    const below = commitsBelow(tx.db, each).filter((commit) => !doomed.has(showCommit(commit)))
    if (below.length > 0 && options.recursive !== true) {
      const were = below.length > 1 ? 'were' : 'was'
      throw inUse(each, `${below.map(showCommit).join(', ')} ${were} computed from it`)
    }
    const more = options.wholeSets ? below.flatMap(({ id }) => commitsOfSet(tx.db, id)) : below
    for (const commit of more) {
      if (!doomed.has(showCommit(commit))) queue.push(commit)
      doomed.set(showCommit(commit), commit)
    }
  }
  return [...doomed.values()].sort((a, b) => b.sequence - a.sequence)
}

function checkSquash(tx: Tx, commit: CommitInfo, doomed: readonly CommitInfo[]): void {
  if (commit.state === 'open') {
    throw new VarveError('COMMIT_OPEN', {
      what: `The commit ${showCommit(commit)} is still open.`,
      data: { commit: showCommit(commit) },
    })
  }
  const children = childrenOf(tx.db, commit)
  const keeps = children.some((child) => child.state === 'finished')
  const passesOn = children.some((child) => isAmong(doomed, child))
  if (!keeps && !passesOn) throw inUse(commit, 'it has no finished child to keep its content')
  const heads = branchesWithHead(tx.db, commit)
  if (heads.length > 0) throw inUse(commit, `it is the head of ${heads.map(showBranch).join(', ')}`)
  refuseTagged(tx, commit)
}

function refuseTagged(tx: Tx, { repo, id }: CommitKey): void {
  const tags = tx.db.all('SELECT tag FROM tags WHERE repo = ? AND id = ?', repo, id)
  if (tags.length === 0) return
  throw inUse({ repo, id }, `the tag ${tags.map((row) => String(row['tag'])).join(', ')} names it`)
}

function inUse(commit: CommitKey, why: string): VarveError {
  return new VarveError('IN_USE', {
    what: `${showCommit(commit)} cannot be removed: ${why}.`,
    next: 'Drop what depends on it first, or use --recursive where only computed commits do.',
    data: { commit: showCommit(commit) },
  })
}

function isAmong(commits: readonly CommitKey[], key: CommitKey): boolean {
  return commits.some(({ repo, id }) => repo === key.repo && id === key.id)
}

function remove(tx: Tx, doomed: readonly CommitInfo[]): readonly CommitKey[] {
  return doomed.map(({ repo, id }) => {
    tx.emit({ op: 'commit.remove', repo, id })
    tx.removed({ repo, id })
    return { repo, id }
  })
}
