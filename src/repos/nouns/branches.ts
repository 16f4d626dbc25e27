import { VarveError } from '../../model/index.ts'
import { checkBranchName } from '../branch-name.ts'
import { branchFromRow, keyFromRow } from '../catalog/rows.ts'
import { makeBranch } from '../commit-life.ts'
import { branchesAbove, branchesBelow, checkInputs } from '../graph.ts'
import { repoKey, showRepo } from '../names/repo-key.ts'
import { rerunBranch } from '../propagate.ts'
import { findBranch, requireBranch, requireRepo, showBranch } from '../queries.ts'
import { branchKey, resolveCommit, withinRepo } from '../resolve.ts'
import type { Scope, Tx } from '../scope.ts'
import type { BranchChange, Branches } from '../types/nouns.ts'
import type { BranchInfo, BranchInput, BranchKey, CommitKey } from '../types/values.ts'

export function makeBranches(scope: Scope): Branches {
  return {
    set: (branch, change = {}) => scope.write((tx) => setBranch(tx, branchKey(branch), change)),
    inspect: (branch) => requireBranch(scope.db, branchKey(branch)),
    find: (branch) => findBranch(scope.db, branchKey(branch)),
    list: (repo) =>
      (repo === undefined
        ? scope.db.all('SELECT * FROM branches ORDER BY repo, branch')
        : scope.db.all(
            'SELECT * FROM branches WHERE repo = ? ORDER BY branch',
            requireRepo(scope.db, repoKey(repo)).repo,
          )
      ).map((row) => branchFromRow(scope.db, row)),
    delete: (branch, options = {}) =>
      scope.write((tx) => deleteBranch(tx, branchKey(branch), options.force === true)),
    provenance: (branch) => branchesAbove(scope.db, requireBranch(scope.db, branchKey(branch))),
    subvenance: (branch) => branchesBelow(scope.db, requireBranch(scope.db, branchKey(branch))),
    rerun: (branch) =>
      scope.write((tx) => {
        const commit = rerunBranch(tx, requireBranch(tx.db, branchKey(branch)))
        if (commit !== undefined) tx.reran(commit)
        return commit
      }),
  }
}

function setBranch(tx: Tx, key: BranchKey, change: BranchChange): BranchInfo {
  const { repo } = requireRepo(tx.db, key.repo)
  const before = findBranch(tx.db, key)
  if (before === undefined) checkBranchName(tx, key)
  for (const input of change.inputs ?? []) ensureInput(tx, input)
  if (change.inputs !== undefined) checkInputs(tx.db, key, change.inputs)
  if (change.trigger !== undefined) checkTrigger(tx, key, change.trigger.branch)
  const head = change.head === undefined ? before?.head : headFor(tx, key, change).id
  tx.emit({
    op: 'branch.set',
    repo,
    branch: key.branch,
    head: head ?? null,
    inputs: change.inputs ?? before?.inputs ?? [],
    trigger: change.trigger ?? before?.trigger ?? null,
    createdAt: before?.createdAt ?? tx.at,
  })
  if (head !== before?.head || change.inputs !== undefined) tx.moved(key)
  return requireBranch(tx.db, key)
}

function headFor(tx: Tx, { repo, branch }: BranchKey, change: BranchChange): CommitKey {
  const commit = resolveCommit(tx.db, withinRepo(repo, change.head ?? branch))
  if (commit.repo === repo) return commit
  throw new VarveError('COMMIT_NOT_FOUND', {
    what: `A branch of ${showRepo(repo)} cannot point into ${showRepo(commit.repo)}.`,
  })
}

/** A branch may be computed from one that has no commit yet; the repo must exist. */
function ensureInput(tx: Tx, { repo, branch }: BranchInput): void {
  requireRepo(tx.db, repo)
  if (findBranch(tx.db, { repo, branch }) === undefined) makeBranch(tx, { repo, branch })
}

function checkTrigger(tx: Tx, key: BranchKey, watched: string): void {
  const path = [key.branch]
  let next: string | undefined = watched
  while (next !== undefined && !path.includes(next)) {
    path.push(next)
    next = findBranch(tx.db, { repo: key.repo, branch: next })?.trigger?.branch
  }
  if (next === undefined) return
  throw new VarveError('CYCLE', {
    what: `The triggers of ${showRepo(key.repo)} would chase each other: ${[...path, next].join(' <- ')}.`,
    data: { path: [...path, next] },
  })
}

function deleteBranch(tx: Tx, key: BranchKey, force: boolean): void {
  const { repo, branch } = requireBranch(tx.db, key)
  const users = tx.db
    .all(
      'SELECT DISTINCT repo, branch FROM branch_inputs WHERE input_repo = ? AND input_branch = ?',
      repo,
      branch,
    )
    .map((row) => ({ repo: keyFromRow(row).repo, branch: row['branch'] as string }))
  if (users.length > 0 && !force) {
    throw new VarveError('IN_USE', {
      what: `${showBranch(key)} cannot go: ${users.map(showBranch).join(', ')} ${users.length > 1 ? 'are' : 'is'} computed from it.`,
      data: { branch: showBranch(key), usedBy: users.map(showBranch) },
    })
  }
  tx.emit({ op: 'branch.delete', repo, branch })
}
