import { parseRepo } from '../names/repo-key.ts'
import type { CatalogReducer } from '../types.ts'
import type { CatalogDb } from './catalog-db.ts'
import { repoOpKinds, type RepoOp } from './ops.ts'
import { snapshotOps } from './snapshot.ts'
import { tables, tablesVersion } from './tables.ts'
import { liveRoots } from './live-roots.ts'

/** Folds this room's ops into its tables. */
export const repoReducer: CatalogReducer = {
  name: 'repos',
  version: tablesVersion,
  tables,
  ops: repoOpKinds,
  apply: (db, op) => applyOp(db, op as RepoOp),
  snapshot: snapshotOps,
  live: liveRoots,
}

function applyOp(db: CatalogDb, op: RepoOp): void {
  switch (op.op) {
    case 'project.set':
      db.run(
        'INSERT OR REPLACE INTO projects VALUES (?, ?, ?)',
        op.name,
        op.description,
        op.createdAt,
      )
      return
    case 'project.delete':
      db.run('DELETE FROM projects WHERE name = ?', op.name)
      return
    case 'repo.set':
      setRepo(db, op)
      return
    case 'repo.delete':
      deleteRepo(db, op.repo)
      return
    case 'branch.set':
      setBranch(db, op)
      return
    case 'branch.head':
      db.run(
        'UPDATE branches SET head = ? WHERE repo = ? AND branch = ?',
        op.head,
        op.repo,
        op.branch,
      )
      return
    case 'branch.delete':
      deleteBranch(db, op)
      return
    case 'commit.start':
      startCommit(db, op)
      return
    case 'commit.content':
      db.run(
        'UPDATE commits SET files = ?, size = ?, count = ? WHERE repo = ? AND id = ?',
        ...[op.files, op.size, op.count, op.repo, op.id],
      )
      return
    case 'commit.finish':
      finishCommit(db, op)
      return
    case 'commit.remove':
      removeCommit(db, op)
      return
    case 'tag.set':
      db.run('INSERT OR REPLACE INTO tags VALUES (?, ?, ?)', op.repo, op.tag, op.id)
      return
    case 'tag.delete':
      db.run('DELETE FROM tags WHERE repo = ? AND tag = ?', op.repo, op.tag)
      return
    case 'batch.set':
      db.run(
        'INSERT OR REPLACE INTO batches VALUES (?, ?, ?)',
        op.id,
        op.startedAt,
        JSON.stringify(op.requests),
      )
      return
    case 'batch.delete':
      db.run('DELETE FROM batches WHERE id = ?', op.id)
      return
  }
}

type Op<Kind extends RepoOp['op']> = Extract<RepoOp, { readonly op: Kind }>

function setRepo(db: CatalogDb, op: Op<'repo.set'>): void {
  const { project, name, type } = parseRepo(op.repo)
  db.run(
    'INSERT OR REPLACE INTO repos VALUES (?, ?, ?, ?, ?, ?, ?)',
    ...[op.repo, project, name, type, op.description, op.lane, op.createdAt],
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
    ...[op.repo, op.branch, op.head, trigger, op.createdAt],
  )
  db.run('DELETE FROM branch_inputs WHERE repo = ? AND branch = ?', op.repo, op.branch)
  op.inputs.forEach((input, position) =>
    db.run(
      'INSERT INTO branch_inputs VALUES (?, ?, ?, ?, ?, ?)',
      ...[op.repo, op.branch, position, input.repo, input.branch, input.quiet === true ? 1 : 0],
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
    ...[op.sequence, op.repo, op.id, op.branch, op.parent, op.merged, op.origin, op.message],
    ...[op.startedAt, op.files, op.size, op.count],
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

function finishCommit(db: CatalogDb, op: Op<'commit.finish'>): void {
  db.run(
    `UPDATE commits SET finished_at = ?, message = ?, error = ?, files = ?, datums = ?, size = ?,
       count = ? WHERE repo = ? AND id = ?`,
    ...[op.finishedAt, op.message, op.error, op.files, op.datums, op.size, op.count],
    ...[op.repo, op.id],
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
