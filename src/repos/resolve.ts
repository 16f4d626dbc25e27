import { isCommitId, VarveError, type CommitId } from '../model/index.ts'
import type { CatalogDb } from './catalog/catalog-db.ts'
import { parseCommitName, type CommitName } from './names/commit-name.ts'
import {
  commitNotFound,
  commitsOfSet,
  findBranch,
  findCommit,
  goodCommit,
  headOf,
  requireBranch,
  requireCommit,
  requireRepo,
  showBranch,
  showCommit,
} from './queries.ts'
import { showRepo } from './names/repo-key.ts'
import type { BranchKey, CommitInfo, CommitKey, CommitRef, RepoKey } from './types/values.ts'

/** `repo@branch` as a key; whether it exists is not asked. */
export function branchKey(branch: string | BranchKey): BranchKey {
  if (typeof branch !== 'string') return branch
  const { repo, name, id, ancestry } = parseCommitName(branch)
  if (id === undefined && ancestry.kind === 'from start') {
    return { repo, branch: `${name}.${ancestry.number}` }
  }
  const isPlain = id === undefined && ancestry.kind === 'back' && ancestry.steps === 0
  if (isPlain && !isCommitId(name)) return { repo, branch: name }
  throw new VarveError('NAME_INVALID', {
    what: `"${branch}" names a commit where a branch is needed.`,
    next: 'Write REPO@BRANCH.',
    data: { name: branch },
  })
}

/** Reads a name; `v1.2` is the branch or tag of that name before it is the second commit of `v1`. */
export function commitName(db: CatalogDb, text: string): CommitName {
  const parsed = parseCommitName(text)
  const { repo, name, id, ancestry } = parsed
  if (id !== undefined || ancestry.kind === 'back') return parsed
  const dotted = `${name}.${ancestry.number}`
  const isName =
    findBranch(db, { repo, branch: dotted }) !== undefined ||
    findTagged(db, repo, dotted) !== undefined
  return isName ? { repo, name: dotted, id, ancestry: { kind: 'back', steps: 0 } } : parsed
}

/** The commit a reference names, whatever its state; undefined when a part of it is not there. */
export function findNamed(db: CatalogDb, ref: CommitRef): CommitInfo | undefined {
  if (typeof ref !== 'string') {
    if ('id' in ref) return findCommit(db, ref)
    const branch = findBranch(db, ref)
    return branch === undefined ? undefined : headOf(db, branch)
  }
  const name = commitName(db, ref)
  const start = findStart(db, name)
  if (start === undefined) return undefined
  if (name.ancestry.kind === 'back') return stepBack(db, start, name.ancestry.steps)
  return fromStart(db, start, name.ancestry.number)
}

export function resolveCommit(db: CatalogDb, ref: CommitRef): CommitInfo {
  const found = findNamed(db, ref)
  if (found !== undefined) return found
  if (typeof ref !== 'string') {
    if ('id' in ref) return requireCommit(db, ref)
    requireBranch(db, ref)
    throw commitNotFound(showBranch(ref), `at the head of ${showBranch(ref)}, which has none yet`)
  }
  const { repo, name } = commitName(db, ref)
  requireRepo(db, repo)
  if (!isCommitId(name)) requireBranchOrTag(db, repo, name)
  throw commitNotFound(ref)
}

/**
 * The commit whose content a reader of `ref` gets. A branch whose head is errored, or still being
 * computed, shows its last good commit; a commit named by id shows itself.
 */
export function resolveContent(db: CatalogDb, ref: CommitRef): CommitInfo {
  const commit = resolveCommit(db, ref)
  if (!namesBranch(db, ref)) return commit
  const settled = commit.state === 'open' ? commit.origin === 'USER' : commit.error === undefined
  if (settled) return commit
  const good = goodCommit(db, commit)
  if (good !== undefined) return good
  if (commit.state === 'open') {
    throw new VarveError('COMMIT_OPEN', {
      what: `${showCommit(commit)} is still being computed and there is no earlier content.`,
      next: 'Run `varve run`, or `varve wait commit` for it.',
      data: { commit: showCommit(commit) },
    })
  }
  throw new VarveError('COMMIT_NOT_FOUND', {
    what: `No commit of this branch is good; the last one failed: ${commit.error ?? ''}`,
    next: `Run \`varve why ${showRepo(commit.repo)}\` if a pipeline writes it, or \`varve list commit ${showRepo(commit.repo)}\`.`,
    data: { commit: showCommit(commit) },
  })
}

function namesBranch(db: CatalogDb, ref: CommitRef): boolean {
  if (typeof ref !== 'string') return 'branch' in ref && !('id' in ref)
  const { repo, name, id } = commitName(db, ref)
  return id === undefined && findBranch(db, { repo, branch: name }) !== undefined
}

function requireBranchOrTag(db: CatalogDb, repo: RepoKey, name: string): void {
  if (findTagged(db, repo, name) === undefined) requireBranch(db, { repo, branch: name })
}

function findStart(db: CatalogDb, { repo, name, id }: CommitName): CommitInfo | undefined {
  if (id !== undefined) return onBranch(db, { repo, branch: name }, id as CommitId)
  const branch = findBranch(db, { repo, branch: name })
  if (branch !== undefined) return headOf(db, branch)
  const tagged = findTagged(db, repo, name)
  if (tagged !== undefined) return tagged
  return isCommitId(name) ? findById(db, { repo, id: name }) : undefined
}

function findTagged(db: CatalogDb, repo: RepoKey, tag: string): CommitInfo | undefined {
  const row = db.get('SELECT id FROM tags WHERE repo = ? AND tag = ?', repo, tag)
  return row === undefined ? undefined : findCommit(db, { repo, id: row['id'] as CommitId })
}

/** `repo@branch=id`: the commit of that id, if it lies on the branch's history. */
function onBranch(db: CatalogDb, key: BranchKey, id: CommitId): CommitInfo | undefined {
  const commit = findById(db, { repo: key.repo, id })
  if (commit === undefined || commit.branch === key.branch) return commit
  const branch = findBranch(db, key)
  const row = db.get(
    `WITH RECURSIVE history(id) AS (
       SELECT ?1 UNION
       SELECT commits.parent FROM commits JOIN history ON commits.id = history.id
       WHERE commits.repo = ?2 AND commits.parent IS NOT NULL)
     SELECT 1 FROM history WHERE id = ?3`,
    branch?.head ?? null,
    key.repo,
    commit.id,
  )
  return row === undefined ? undefined : commit
}

/** A commit of this id, or the one that a commit of this id in another repo was computed from. */
function findById(db: CatalogDb, key: CommitKey): CommitInfo | undefined {
  const own = findCommit(db, key)
  if (own !== undefined) return own
  const seen = new Set<string>()
  let level = commitsOfSet(db, key.id)
  while (level.length > 0) {
    const above = level.flatMap((commit) => commit.provenance)
    const fresh = above.filter((input) => !seen.has(showCommit(input)))
    for (const input of fresh) seen.add(showCommit(input))
    const hit = fresh.find((input) => input.repo === key.repo)
    if (hit !== undefined) return findCommit(db, hit)
    level = fresh.flatMap((input) => findCommit(db, input) ?? [])
  }
  return undefined
}

function stepBack(db: CatalogDb, start: CommitInfo, steps: number): CommitInfo | undefined {
  let commit: CommitInfo | undefined = start
  for (let left = steps; left > 0 && commit !== undefined; left -= 1) {
    commit =
      commit.parent === undefined
        ? undefined
        : findCommit(db, { repo: start.repo, id: commit.parent })
  }
  return commit
}

function fromStart(db: CatalogDb, end: CommitInfo, number: number): CommitInfo | undefined {
  const rows = db.all(
    `WITH RECURSIVE history(id, depth) AS (
       SELECT ?1, 0 UNION ALL
       SELECT commits.parent, depth + 1 FROM commits JOIN history ON commits.id = history.id
       WHERE commits.repo = ?2 AND commits.parent IS NOT NULL)
     SELECT id FROM history ORDER BY depth DESC LIMIT 1 OFFSET ?3`,
    end.id,
    end.repo,
    number - 1,
  )
  const id = rows[0]?.['id'] as CommitId | undefined
  return number < 1 || id === undefined ? undefined : findCommit(db, { repo: end.repo, id })
}

/** For places that take a bare branch, tag or id of a repo that is already known. */
export function withinRepo(repo: RepoKey, ref: CommitRef): CommitRef {
  return typeof ref === 'string' && !ref.includes('@') ? `${repo}@${ref}` : ref
}
