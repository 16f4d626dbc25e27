import { VarveError } from '../../model/index.ts'
import type { CatalogDb } from '../catalog/catalog-db.ts'
import { repoFromRow, type RepoRow } from '../catalog/rows.ts'
import { parseRepo, repoKey, showRepo, siblingRepos } from '../names/repo-key.ts'
import { findRepo, requireRepo } from '../queries.ts'
import type { Scope, Tx } from '../scope.ts'
import type { Repos } from '../types/nouns.ts'
import type { RepoInfo, RepoKey } from '../types/values.ts'
import { requireProject } from '../project-queries.ts'
import { deleteRepos } from '../repo-removal.ts'

export function makeRepos(scope: Scope): Repos {
  return {
    create: (ref, options = {}) => scope.write((tx) => createRepo(tx, repoKey(ref), options)),
    update: (ref, { description }) =>
      scope.write((tx) => {
        const { repo, lane, createdAt } = requireRepo(tx.db, repoKey(ref))
        tx.emit({ op: 'repo.set', repo, lane, createdAt, description })
        return infoOf(tx.db, requireRepo(tx.db, repo))
      }),
    inspect: (ref) => infoOf(scope.db, requireRepo(scope.db, repoKey(ref))),
    exists: (ref) => findRepo(scope.db, repoKey(ref)) !== undefined,
    list: ({ project, type = 'user' } = {}) =>
      scope.db
        .all('SELECT * FROM repos ORDER BY repo')
        .map(repoFromRow)
        .filter((row) => project === undefined || row.project === project)
        .filter((row) => type === 'all' || row.type === type)
        .map((row) => infoOf(scope.db, row)),
    delete: (ref, options = {}) =>
      scope.write((tx) => {
        const repo = repoKey(ref)
        requireRepo(tx.db, repo)
        const present = siblingRepos(repo).filter((each) => findRepo(tx.db, each) !== undefined)
        deleteRepos(tx, present, { force: options.force === true })
      }),
  }
}

function createRepo(tx: Tx, repo: RepoKey, options: { description?: string }): RepoInfo {
  requireProject(tx.db, parseRepo(repo).project)
  if (findRepo(tx.db, repo) !== undefined) {
    throw new VarveError('ALREADY_EXISTS', {
      what: `There is a repo ${showRepo(repo)} already.`,
      data: { repo },
    })
  }
  const description = options.description ?? ''
  tx.emit({ op: 'repo.set', repo, description, lane: freeLane(tx.db, repo), createdAt: tx.at })
  return infoOf(tx.db, requireRepo(tx.db, repo))
}

function infoOf(db: CatalogDb, row: RepoRow): RepoInfo {
  const branches = db.all(
    'SELECT branch, head FROM branches WHERE repo = ? ORDER BY created_at, branch',
    row.repo,
  )
  const shown = branches.find((each) => each['branch'] === 'master') ?? branches[0]
  const head = db.get(
    'SELECT size FROM commits WHERE repo = ? AND id = ?',
    row.repo,
    (shown?.['head'] ?? null) as string | null,
  )
  return {
    ...row,
    branches: branches.map((each) => each['branch'] as string),
    size: Number(head?.['size'] ?? 0),
  }
}

/**
 * A folder name for the repo's segments that any file system takes and no other repo has, whatever
 * its letter case. `meta` belongs to the store.
 */
function freeLane(db: CatalogDb, repo: RepoKey): string {
  const plain = showRepo(repo)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
  const base = plain.slice(0, 48) || 'repo'
  const taken = new Set(['meta', ...db.all('SELECT lane FROM repos').map((row) => row['lane'])])
  for (let number = 1; ; number += 1) {
    const lane = number === 1 ? base : `${base}-${number}`
    if (!taken.has(lane)) return lane
  }
}
