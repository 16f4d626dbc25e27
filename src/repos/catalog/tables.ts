import type { CatalogDb } from './catalog-db.ts'

/** Raise with any change below: catalogs of another version are rebuilt from the records. */
export const tablesVersion = 1

/** Digests are hex text here: catalog rows are few, and a person may look at them. */
export const tables = `
CREATE TABLE projects (
  name TEXT PRIMARY KEY, description TEXT NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE repos (
  repo TEXT PRIMARY KEY, project TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
  description TEXT NOT NULL, lane TEXT NOT NULL, created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE branches (
  repo TEXT NOT NULL, branch TEXT NOT NULL, head TEXT, trigger TEXT, created_at INTEGER NOT NULL,
  PRIMARY KEY (repo, branch)
) WITHOUT ROWID;
CREATE INDEX branches_by_head ON branches (repo, head);
CREATE TABLE branch_inputs (
  repo TEXT NOT NULL, branch TEXT NOT NULL, position INTEGER NOT NULL,
  input_repo TEXT NOT NULL, input_branch TEXT NOT NULL, quiet INTEGER NOT NULL,
  PRIMARY KEY (repo, branch, position)
) WITHOUT ROWID;
CREATE INDEX branch_inputs_by_input ON branch_inputs (input_repo, input_branch);
CREATE TABLE commits (
  sequence INTEGER PRIMARY KEY, repo TEXT NOT NULL, id TEXT NOT NULL, branch TEXT NOT NULL,
  parent TEXT, merged TEXT, origin TEXT NOT NULL, message TEXT NOT NULL,
  started_at INTEGER NOT NULL, finished_at INTEGER, error TEXT,
  files TEXT NOT NULL, datums TEXT, size INTEGER NOT NULL, count INTEGER NOT NULL
);
CREATE UNIQUE INDEX commits_by_name ON commits (repo, id);
CREATE INDEX commits_by_id ON commits (id);
CREATE INDEX commits_by_parent ON commits (repo, parent);
CREATE TABLE commit_inputs (
  repo TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL,
  input_repo TEXT NOT NULL, input_id TEXT NOT NULL,
  PRIMARY KEY (repo, id, position)
) WITHOUT ROWID;
CREATE INDEX commit_inputs_by_input ON commit_inputs (input_repo, input_id);
CREATE TABLE tags (
  repo TEXT NOT NULL, tag TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (repo, tag)
) WITHOUT ROWID;
CREATE TABLE batches (
  id TEXT PRIMARY KEY, started_at INTEGER NOT NULL, requests TEXT NOT NULL
) WITHOUT ROWID;
`

/** Empties every room's tables and leaves how far the records are folded; in a transaction. */
export function emptyTables(db: CatalogDb): void {
  const tables = db.all(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'catalog'
     AND (name NOT LIKE 'sqlite_%' OR name = 'sqlite_sequence')`,
  )
  for (const row of tables) db.exec(`DELETE FROM "${String(row['name'])}"`)
}
