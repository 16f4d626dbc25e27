import type { CatalogDb } from './catalog-db.ts'
import type { RepoOp } from './ops.ts'
import {
  batchFromRow,
  branchFromRow,
  commitFromRow,
  projectFromRow,
  repoFromRow,
  tagFromRow,
} from './rows.ts'

/** Ops that give the present tables when applied to empty ones: equal ops, equal tables. */
export function* snapshotOps(db: CatalogDb): Iterable<RepoOp> {
  for (const row of db.all('SELECT * FROM projects ORDER BY name')) {
    yield { op: 'project.set', ...projectFromRow(row) }
  }
  for (const row of db.all('SELECT * FROM repos ORDER BY repo')) {
    const { repo, description, lane, createdAt } = repoFromRow(row)
    yield { op: 'repo.set', repo, description, lane, createdAt }
  }
  yield* commitOps(db)
  for (const row of db.all('SELECT * FROM branches ORDER BY repo, branch')) {
    const info = branchFromRow(db, row)
    yield { ...info, op: 'branch.set', head: info.head ?? null, trigger: info.trigger ?? null }
  }
  for (const row of db.all('SELECT * FROM tags ORDER BY repo, tag')) {
    yield { op: 'tag.set', ...tagFromRow(row) }
  }
  for (const row of db.all('SELECT * FROM batches ORDER BY id')) {
    yield { op: 'batch.set', ...batchFromRow(row) }
  }
}

function* commitOps(db: CatalogDb): Iterable<RepoOp> {
  for (const row of db.all('SELECT * FROM commits ORDER BY sequence')) {
    const { repo, id, sequence, branch, origin, message, startedAt, files, size, count, ...rest } =
      commitFromRow(db, row)
    yield {
      op: 'commit.start',
      repo,
      id,
      sequence,
      branch,
      origin,
      message,
      startedAt,
      files,
      size,
      count,
      provenance: rest.provenance,
      parent: rest.parent ?? null,
      merged: rest.merged ?? null,
    }
    if (rest.finishedAt === undefined) continue
    yield {
      op: 'commit.finish',
      repo,
      id,
      finishedAt: rest.finishedAt,
      message,
      files,
      size,
      count,
      error: rest.error ?? null,
      datums: rest.datums ?? null,
    }
  }
}
