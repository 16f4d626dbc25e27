import { parseRepo } from '../names/repo-key.ts'
import type { CatalogOp, CatalogReducer } from '../types/catalog.ts'
import type { CatalogDb } from './catalog-db.ts'
import type { RepoOp } from './ops.ts'
import { snapshotOps } from './snapshot.ts'
import { tables, tablesVersion } from './tables.ts'
import { liveRoots } from './live-roots.ts'

type Op<Kind extends RepoOp['op']> = Extract<RepoOp, { readonly op: Kind }>

const appliers: { readonly [Kind in RepoOp['op']]: (db: CatalogDb, op: Op<Kind>) => void } = {
  'project.set': (db, { name, description, createdAt }) =>
    db.run('INSERT OR REPLACE INTO projects VALUES (?, ?, ?)', name, description, createdAt),
  'project.delete': (db, { name }) => db.run('DELETE FROM projects WHERE name = ?', name),
  'repo.set': setRepo,
  'repo.delete': (db, { repo }) => deleteRepo(db, repo),
  'branch.set': setBranch,
  'branch.head': (db, { head, repo, branch }) =>
    db.run('UPDATE branches SET head = ? WHERE repo = ? AND branch = ?', head, repo, branch),
  'branch.delete': deleteBranch,
  'commit.start': startCommit,
  'commit.content': setContent,
  'commit.finish': finishCommit,
  'commit.remove': removeCommit,
  'tag.set': (db, { repo, tag, id }) =>
    db.run('INSERT OR REPLACE INTO tags VALUES (?, ?, ?)', repo, tag, id),
  'tag.delete': (db, { repo, tag }) =>
    db.run('DELETE FROM tags WHERE repo = ? AND tag = ?', repo, tag),
  'batch.set': (db, { id, startedAt, requests }) =>
    db.run(
      'INSERT OR REPLACE INTO batches VALUES (?, ?, ?)',
      id,
      startedAt,
      JSON.stringify(requests),
    ),
  'batch.delete': (db, { id }) => db.run('DELETE FROM batches WHERE id = ?', id),
}

/** Folds this room's ops into its tables. */
export const repoReducer: CatalogReducer = {
  name: 'repos',
  version: tablesVersion,
  tables,
  ops: Object.keys(appliers),
  apply: (db, op) => {
    const apply = appliers[op.op as RepoOp['op']] as (db: CatalogDb, op: CatalogOp) => void
    apply(db, op)
  },
  snapshot: snapshotOps,
  live: liveRoots,
}

function setRepo(db: CatalogDb, op: Op<'repo.set'>): void {
  const { project, name, type } = parseRepo(op.repo)
  db.run(
    'INSERT OR REPLACE INTO repos VALUES (?, ?, ?, ?, ?, ?, ?)',
    op.repo,
    project,
    name,
    type,
    op.description,
    op.lane,
    op.createdAt,
  )
}

function deleteRepo(db: CatalogDb, repo: string): void {
  for (const table of ['repos', 'branches', 'branch_inputs', 'commits', 'commit_inputs', 'tags']) {
    db.run(`DELETE FROM ${table} WHERE repo = ?`, repo)
  }
  db.run('DELETE FROM branch_inputs WHERE input_repo = ?', repo)
  db.run('DELETE FROM commit_inputs WHERE input_repo = ?', repo)
}

function setBranch(db: CatalogDb, op: Op<'branch.set'>): void {
  const trigger = op.trigger === null ? null : JSON.stringify(op.trigger)
  db.run(
    'INSERT OR REPLACE INTO branches VALUES (?, ?, ?, ?, ?)',
    op.repo,
    op.branch,
    op.head,
    trigger,
    op.createdAt,
  )
  db.run('DELETE FROM branch_inputs WHERE repo = ? AND branch = ?', op.repo, op.branch)
  op.inputs.forEach((input, position) =>
    db.run(
      'INSERT INTO branch_inputs VALUES (?, ?, ?, ?, ?, ?)',
      op.repo,
      op.branch,
      position,
      input.repo,
      input.branch,
      input.quiet === true ? 1 : 0,
    ),
  )
}

function deleteBranch(db: CatalogDb, op: Op<'branch.delete'>): void {
  db.run('DELETE FROM branches WHERE repo = ? AND branch = ?', op.repo, op.branch)
  db.run('DELETE FROM branch_inputs WHERE repo = ? AND branch = ?', op.repo, op.branch)
  db.run('DELETE FROM branch_inputs WHERE input_repo = ? AND input_branch = ?', op.repo, op.branch)
}

function startCommit(db: CatalogDb, op: Op<'commit.start'>): void {
  db.run(
    `INSERT INTO commits (sequence, repo, id, branch, parent, merged, origin, message, started_at,
       files, size, count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    op.sequence,
    op.repo,
    op.id,
    op.branch,
    op.parent,
    op.merged,
    op.origin,
    op.message,
    op.startedAt,
    op.files,
    op.size,
    op.count,
  )
  op.provenance.forEach((input, position) =>
    db.run(
      'INSERT INTO commit_inputs VALUES (?, ?, ?, ?, ?)',
      op.repo,
      op.id,
      position,
      input.repo,
      input.id,
    ),
  )
}

function setContent(db: CatalogDb, op: Op<'commit.content'>): void {
  db.run(
    'UPDATE commits SET files = ?, size = ?, count = ? WHERE repo = ? AND id = ?',
    op.files,
    op.size,
    op.count,
    op.repo,
    op.id,
  )
}

function finishCommit(db: CatalogDb, op: Op<'commit.finish'>): void {
  db.run(
    `UPDATE commits SET finished_at = ?, message = ?, error = ?, files = ?, datums = ?, size = ?,
       count = ? WHERE repo = ? AND id = ?`,
    op.finishedAt,
    op.message,
    op.error,
    op.files,
    op.datums,
    op.size,
    op.count,
    op.repo,
    op.id,
  )
}

/** Children, merges and heads fall back to the parent: trees are whole, so content stays as it was. */
function removeCommit(db: CatalogDb, op: Op<'commit.remove'>): void {
  const row = db.get('SELECT parent FROM commits WHERE repo = ? AND id = ?', op.repo, op.id)
  const parent = (row?.['parent'] ?? null) as string | null
  db.run('UPDATE commits SET parent = ? WHERE repo = ? AND parent = ?', parent, op.repo, op.id)
  db.run('UPDATE commits SET merged = ? WHERE repo = ? AND merged = ?', parent, op.repo, op.id)
  db.run('UPDATE branches SET head = ? WHERE repo = ? AND head = ?', parent, op.repo, op.id)
  db.run('DELETE FROM commit_inputs WHERE repo = ? AND id = ?', op.repo, op.id)
  db.run('DELETE FROM commit_inputs WHERE input_repo = ? AND input_id = ?', op.repo, op.id)
  db.run('DELETE FROM commits WHERE repo = ? AND id = ?', op.repo, op.id)
}
