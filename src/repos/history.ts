import type { CommitId } from '../model/index.ts'
import type { CatalogDb } from './catalog/catalog-db.ts'
import { commitFromRow } from './catalog/rows.ts'
import { parseRepo, repoKey } from './names/repo-key.ts'
import { commitsOfSet, findCommit, requireRepo, showCommit } from './queries.ts'
import { resolveCommit, withinRepo } from './resolve.ts'
import type { CommitFilter } from './types/nouns.ts'
import type { CommitInfo, CommitKey, CommitRef, CommitSet } from './types/values.ts'

/** Commits matching a filter, newest first. A branch or a start walks history; else by creation. */
export function listCommits(db: CatalogDb, filter: CommitFilter): readonly CommitInfo[] {
  const limit = filter.limit ?? Number.POSITIVE_INFINITY
  const found: CommitInfo[] = []
  for (const commit of candidates(db, filter)) {
    if (found.length >= limit) break
    if (matches(commit, filter)) found.push(commit)
  }
  return found
}

function matches(commit: CommitInfo, { origin, repo, types }: CommitFilter): boolean {
  if (origin !== undefined && commit.origin !== origin) return false
  if (repo !== undefined || types === 'all') return true
  return parseRepo(commit.repo).type === (types ?? 'user')
}

function candidates(db: CatalogDb, filter: CommitFilter): Iterable<CommitInfo> {
  const repo = filter.repo === undefined ? undefined : requireRepo(db, repoKey(filter.repo)).repo
  if (repo !== undefined && filter.branch !== undefined) {
    const head = filter.from ?? filter.branch
    return history(db, withinRepo(repo, head), filter.until)
  }
  if (filter.from !== undefined) {
    const from = repo === undefined ? filter.from : withinRepo(repo, filter.from)
    return history(db, from, filter.until)
  }
  return newest(db, repo)
}

function* newest(db: CatalogDb, repo: string | undefined): Iterable<CommitInfo> {
  const rows =
    repo === undefined
      ? db.all('SELECT * FROM commits ORDER BY sequence DESC')
      : db.all('SELECT * FROM commits WHERE repo = ? ORDER BY sequence DESC', repo)
  for (const row of rows) yield commitFromRow(db, row)
}

function* history(
  db: CatalogDb,
  from: CommitRef,
  until: CommitRef | undefined,
): Iterable<CommitInfo> {
  let commit: CommitInfo | undefined = resolveCommit(db, from)
  const stop =
    until === undefined ? undefined : resolveCommit(db, withinRepo(commit.repo, until)).id
  while (commit !== undefined && commit.id !== stop) {
    yield commit
    commit = parentOf(db, commit)
  }
}

export function parentOf(db: CatalogDb, { repo, parent }: CommitInfo): CommitInfo | undefined {
  return parent === undefined ? undefined : findCommit(db, { repo, id: parent })
}

/** Every commit of a history, merges included, nearest first. */
export function* ancestors(db: CatalogDb, start: CommitInfo): Iterable<CommitInfo> {
  const seen = new Set<CommitId>()
  let level: CommitInfo[] = [start]
  while (level.length > 0) {
    const fresh = level.filter(({ id }) => !seen.has(id))
    for (const { id } of fresh) seen.add(id)
    yield* fresh
    level = fresh.flatMap(({ repo, parent, merged }) =>
      [parent, merged].flatMap((id) =>
        id === undefined ? [] : (findCommit(db, { repo, id }) ?? []),
      ),
    )
  }
}

/** All commits a commit was computed from, inputs first. */
export function commitsAbove(db: CatalogDb, commit: CommitKey): readonly CommitInfo[] {
  return closure(db, commit, (each) =>
    db
      .all(
        'SELECT input_repo AS repo, input_id AS id FROM commit_inputs WHERE repo = ? AND id = ?',
        each.repo,
        each.id,
      )
      .map((row) => ({ repo: row['repo'], id: row['id'] }) as CommitKey),
  )
}

/** All commits computed from a commit, inputs first. */
export function commitsBelow(db: CatalogDb, commit: CommitKey): readonly CommitInfo[] {
  return closure(db, commit, (each) =>
    db
      .all(
        'SELECT repo, id FROM commit_inputs WHERE input_repo = ? AND input_id = ?',
        each.repo,
        each.id,
      )
      .map((row) => ({ repo: row['repo'], id: row['id'] }) as CommitKey),
  )
}

/** Order of creation is an order of inputs first: a commit is opened after what it is computed from. */
function closure(
  db: CatalogDb,
  start: CommitKey,
  next: (key: CommitKey) => readonly CommitKey[],
): readonly CommitInfo[] {
  const found = new Map<string, CommitInfo>()
  const queue = [...next(start)]
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    const commit = found.has(showCommit(key)) ? undefined : findCommit(db, key)
    if (commit === undefined) continue
    found.set(showCommit(key), commit)
    queue.push(...next(key))
  }
  return [...found.values()].sort((a, b) => a.sequence - b.sequence)
}

/** Newest sets first. */
export function listSets(db: CatalogDb, limit = -1): readonly CommitSet[] {
  return db
    .all('SELECT id FROM commits GROUP BY id ORDER BY max(sequence) DESC LIMIT ?', limit)
    .map((row) => {
      const id = row['id'] as CommitId
      return { id, commits: commitsOfSet(db, id) }
    })
}
