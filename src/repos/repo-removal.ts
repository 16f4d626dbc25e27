import { VarveError } from '../model/index.ts'
import type { CatalogDb } from './catalog/catalog-db.ts'
import { keyFromRow } from './catalog/rows.ts'
import { showRepo } from './names/repo-key.ts'
import { showBranch } from './queries.ts'
import type { Tx } from './scope.ts'
import type { BranchKey, RepoKey } from './types/values.ts'

/** Deletes repos with all they hold; edges among themselves do not count as use. */
export function deleteRepos(tx: Tx, repos: readonly RepoKey[], options: { force: boolean }): void {
  const users = repos.flatMap((repo) => branchesUsing(tx.db, repo))
  const others = users.filter((user) => !repos.includes(user.repo))
  if (others.length > 0 && !options.force) {
    throw new VarveError('IN_USE', {
      what: `${repos.map(showRepo).join(', ')} cannot go: ${others.map(showBranch).join(', ')} ${others.length > 1 ? 'are' : 'is'} computed from it.`,
      data: { repos, usedBy: others.map(showBranch) },
    })
  }
  for (const repo of repos) {
    for (const row of tx.db.all('SELECT repo, id FROM commits WHERE repo = ?', repo)) {
      tx.removed(keyFromRow(row))
    }
    tx.emit({ op: 'repo.delete', repo })
    tx.deleted(repo, options)
  }
}

function branchesUsing(db: CatalogDb, repo: RepoKey): readonly BranchKey[] {
  return db
    .all('SELECT DISTINCT repo, branch FROM branch_inputs WHERE input_repo = ?', repo)
    .map((row) => ({ repo: row['repo'] as RepoKey, branch: row['branch'] as string }))
}
