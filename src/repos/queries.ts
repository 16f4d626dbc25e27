import { VarveError, type CommitId } from '../model/index.ts'
import type { CatalogDb } from './catalog/catalog-db.ts'
import { branchFromRow, commitFromRow, repoFromRow, type RepoRow } from './catalog/rows.ts'
import { showRepo } from './names/repo-key.ts'
import type { BranchInfo, BranchKey, CommitInfo, CommitKey, RepoKey } from './types/values.ts'

export function findRepo(db: CatalogDb, repo: RepoKey): RepoRow | undefined {
  const row = db.get('SELECT * FROM repos WHERE repo = ?', repo)
  return row === undefined ? undefined : repoFromRow(row)
}

export function requireRepo(db: CatalogDb, repo: RepoKey): RepoRow {
  const found = findRepo(db, repo)
  if (found !== undefined) return found
  throw new VarveError('REPO_NOT_FOUND', {
    what: `There is no repo ${showRepo(repo)}.`,
    data: { repo },
  })
}

export function findBranch(db: CatalogDb, { repo, branch }: BranchKey): BranchInfo | undefined {
  const row = db.get('SELECT * FROM branches WHERE repo = ? AND branch = ?', repo, branch)
  return row === undefined ? undefined : branchFromRow(db, row)
}

export function requireBranch(db: CatalogDb, key: BranchKey): BranchInfo {
  const found = findBranch(db, key)
  if (found !== undefined) return found
  requireRepo(db, key.repo)
  throw new VarveError('BRANCH_NOT_FOUND', {
    what: `The repo ${showRepo(key.repo)} has no branch "${key.branch}".`,
    next: `Run \`varve list branch ${showRepo(key.repo)}\`.`,
    data: { repo: key.repo, branch: key.branch },
  })
}

export function findCommit(db: CatalogDb, { repo, id }: CommitKey): CommitInfo | undefined {
  const row = db.get('SELECT * FROM commits WHERE repo = ? AND id = ?', repo, id)
  return row === undefined ? undefined : commitFromRow(db, row)
}

export function requireCommit(db: CatalogDb, key: CommitKey): CommitInfo {
  const found = findCommit(db, key)
  if (found !== undefined) return found
  throw commitNotFound(showCommit(key))
}

export function commitNotFound(name: string, what = name): VarveError {
  const [repo = ''] = name.includes('@') ? name.split('@') : []
  return new VarveError('COMMIT_NOT_FOUND', {
    what: `There is no commit ${what}.`,
    next: `Run \`${`varve list commit ${repo}`.trimEnd()}\`.`,
    data: { commit: name },
  })
}

/** Nearest ancestor, or the commit itself, that finished without error. */
export function goodCommit(db: CatalogDb, commit: CommitInfo | undefined): CommitInfo | undefined {
  let each = commit
  while (each !== undefined && !isGood(each)) {
    each =
      each.parent === undefined ? undefined : findCommit(db, { repo: each.repo, id: each.parent })
  }
  return each
}

export function isGood(commit: CommitInfo): boolean {
  return commit.state === 'finished' && commit.error === undefined
}

export function headOf(db: CatalogDb, branch: BranchInfo): CommitInfo | undefined {
  return branch.head === undefined
    ? undefined
    : requireCommit(db, { repo: branch.repo, id: branch.head })
}

export function branchesWithHead(db: CatalogDb, { repo, id }: CommitKey): readonly BranchInfo[] {
  return db
    .all('SELECT * FROM branches WHERE repo = ? AND head = ? ORDER BY branch', repo, id)
    .map((row) => branchFromRow(db, row))
}

export function childrenOf(db: CatalogDb, { repo, id }: CommitKey): readonly CommitInfo[] {
  return db
    .all(
      'SELECT * FROM commits WHERE repo = ? AND (parent = ? OR merged = ?) ORDER BY sequence',
      repo,
      id,
      id,
    )
    .map((row) => commitFromRow(db, row))
}

export function nextSequence(db: CatalogDb): number {
  return Number(db.get('SELECT max(sequence) AS last FROM commits')?.['last'] ?? 0) + 1
}

export function showBranch({ repo, branch }: BranchKey): string {
  return `${showRepo(repo)}@${branch}`
}

export function showCommit({ repo, id }: CommitKey): string {
  return `${showRepo(repo)}@${id}`
}

export function commitsOfSet(db: CatalogDb, id: CommitId): readonly CommitInfo[] {
  return db
    .all('SELECT * FROM commits WHERE id = ? ORDER BY sequence', id)
    .map((row) => commitFromRow(db, row))
}
