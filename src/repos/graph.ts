import { VarveError } from '../model/index.ts'
import type { CatalogDb } from './catalog/catalog-db.ts'
import { showBranch } from './queries.ts'
import type { BranchInput, BranchKey, RepoKey } from './types/values.ts'

const above = `
  WITH RECURSIVE above(repo, branch) AS (
    SELECT input_repo, input_branch FROM branch_inputs WHERE repo = ?1 AND branch = ?2 UNION
    SELECT inputs.input_repo, inputs.input_branch FROM branch_inputs AS inputs
    JOIN above ON inputs.repo = above.repo AND inputs.branch = above.branch)
  SELECT repo, branch FROM above`

const below = `
  WITH RECURSIVE below(repo, branch) AS (
    SELECT repo, branch FROM branch_inputs WHERE input_repo = ?1 AND input_branch = ?2 UNION
    SELECT inputs.repo, inputs.branch FROM branch_inputs AS inputs
    JOIN below ON inputs.input_repo = below.repo AND inputs.input_branch = below.branch)
  SELECT repo, branch FROM below`

/** All branches a branch is computed from, inputs first. */
export function branchesAbove(db: CatalogDb, { repo, branch }: BranchKey): readonly BranchKey[] {
  return inputsFirst(db, db.all(above, repo, branch).map(keyOf))
}

/** All branches computed from a branch, inputs first. */
export function branchesBelow(db: CatalogDb, { repo, branch }: BranchKey): readonly BranchKey[] {
  return inputsFirst(db, db.all(below, repo, branch).map(keyOf))
}

/** All branches computed from any of these, and these themselves, inputs first. */
export function closureBelow(db: CatalogDb, keys: readonly BranchKey[]): readonly BranchKey[] {
  const found = new Map<string, BranchKey>()
  for (const key of keys) {
    found.set(showBranch(key), key)
    for (const each of db.all(below, key.repo, key.branch).map(keyOf))
      found.set(showBranch(each), each)
  }
  return inputsFirst(db, [...found.values()])
}

/** `CYCLE` when a branch would be computed from itself, or from another branch of its repo. */
export function checkInputs(db: CatalogDb, key: BranchKey, inputs: readonly BranchInput[]): void {
  for (const input of inputs) {
    if (input.repo === key.repo) throw cycle(key, [key, input])
    const path = pathAbove(db, input, key)
    if (path !== undefined) throw cycle(key, [key, ...path])
  }
}

function pathAbove(db: CatalogDb, from: BranchKey, to: BranchKey): BranchKey[] | undefined {
  if (showBranch(from) === showBranch(to)) return [from]
  if (!branchesAbove(db, from).some((each) => showBranch(each) === showBranch(to))) return undefined
  for (const input of directInputs(db, from)) {
    const rest = pathAbove(db, input, to)
    if (rest !== undefined) return [from, ...rest]
  }
  return undefined
}

function cycle(key: BranchKey, path: readonly BranchKey[]): VarveError {
  const names = path.map(showBranch)
  return new VarveError('CYCLE', {
    what: `${showBranch(key)} cannot be computed from itself or its own repo: ${names.join(' <- ')}.`,
    data: { branch: showBranch(key), path: names },
  })
}

function directInputs(db: CatalogDb, { repo, branch }: BranchKey): readonly BranchKey[] {
  return db
    .all(
      `SELECT input_repo AS repo, input_branch AS branch FROM branch_inputs
       WHERE repo = ? AND branch = ? ORDER BY position`,
      repo,
      branch,
    )
    .map(keyOf)
}

function inputsFirst(db: CatalogDb, keys: readonly BranchKey[]): readonly BranchKey[] {
  const wanted = new Map(keys.map((key) => [showBranch(key), key]))
  const ordered = new Map<string, BranchKey>()
  const visit = (key: BranchKey) => {
    const name = showBranch(key)
    if (ordered.has(name) || !wanted.has(name)) return
    for (const input of directInputs(db, key)) visit(input)
    ordered.set(name, key)
  }
  for (const name of [...wanted.keys()].sort()) visit(wanted.get(name) as BranchKey)
  return [...ordered.values()]
}

function keyOf(row: Readonly<Record<string, unknown>>): BranchKey {
  return { repo: row['repo'] as RepoKey, branch: row['branch'] as string }
}
