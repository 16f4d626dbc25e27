import type { CatalogDb, CatalogReducer, RepoKey } from '../../repos/index.ts'
import { unreachable } from '../../util/index.ts'
import type { IngestListOp, IngestOp, IngestRowsOp, ListEnd, RepoDeleteOp } from './ops.ts'
import type { RowEnd, RowKey } from './row.ts'
import { urlKey } from './url-key.ts'

const tables = `
  CREATE TABLE ingest_list (
    repo TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (repo, id)
  ) WITHOUT ROWID;
  CREATE TABLE ingest_row (
    repo TEXT NOT NULL, list TEXT NOT NULL, position INTEGER NOT NULL,
    status TEXT NOT NULL, again TEXT, at INTEGER NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (repo, list, position)
  ) WITHOUT ROWID;
  CREATE INDEX ingest_row_status ON ingest_row (repo, status);
  -- The first row of each URL, and those after it.
  CREATE TABLE ingest_url (
    repo TEXT NOT NULL, url BLOB NOT NULL, list TEXT NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (repo, url)
  ) WITHOUT ROWID;
  CREATE TABLE ingest_url_again (
    repo TEXT NOT NULL, url BLOB NOT NULL, list TEXT NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (repo, url, list, position)
  ) WITHOUT ROWID;
`

/** The tables of this room in the catalog: the lists and how each of their rows ended. */
export const ingestReducer: CatalogReducer = {
  name: 'ingest',
  version: 2,
  tables,
  ops: ['ingest.list', 'ingest.rows'],
  hears: ['repo.delete'],
  apply: (db, op, { at }) => apply(db, op as IngestOp | RepoDeleteOp, at),
  snapshot,
}

function apply(db: CatalogDb, op: IngestOp | RepoDeleteOp, at: number): void {
  switch (op.op) {
    case 'ingest.list':
      return setList(db, op, at)
    case 'ingest.rows':
      return setRows(db, op, op.at ?? at)
    case 'repo.delete':
      for (const table of ['ingest_list', 'ingest_row', 'ingest_url', 'ingest_url_again']) {
        db.run(`DELETE FROM ${table} WHERE repo = ?`, op.repo)
      }
      return
    default:
      unreachable(op)
  }
}

function setList(db: CatalogDb, { repo, list }: IngestListOp, at: number): void {
  db.run(
    'INSERT OR REPLACE INTO ingest_list VALUES (?, ?, ?, ?)',
    repo,
    list.id,
    at,
    JSON.stringify(list),
  )
}

function setRows(db: CatalogDb, { repo, rows }: IngestRowsOp, at: number): void {
  for (const row of rows) {
    const { list, position, status, again, ...doc } = row
    db.run(
      'INSERT OR REPLACE INTO ingest_row VALUES (?, ?, ?, ?, ?, ?, ?)',
      repo,
      list,
      position,
      status,
      again ?? null,
      at,
      JSON.stringify(doc),
    )
    const key = urlKey(row.url)
    const isFirst = status !== 'duplicate' && setFirst(db, { repo, key, list, position })
    if (isFirst) continue
    db.run('INSERT OR IGNORE INTO ingest_url_again VALUES (?, ?, ?, ?)', repo, key, list, position)
  }
}

/** Makes the row the first of its URL, unless there is one; a row that ends once more stays the first. */
function setFirst(
  db: CatalogDb,
  { repo, key, list, position }: RowKey & { readonly repo: RepoKey; readonly key: Uint8Array },
): boolean {
  const made = db.run(
    'INSERT OR IGNORE INTO ingest_url VALUES (?, ?, ?, ?)',
    repo,
    key,
    list,
    position,
  )
  if (made > 0) return true
  const first = db.get(
    'SELECT list, position FROM ingest_url WHERE repo = ? AND url = ?',
    repo,
    key,
  )
  return first?.['list'] === list && Number(first['position']) === position
}

/** Rows of one op: a checkpoint must not be one giant line of JSON. */
const chunkLength = 1000

function* snapshot(db: CatalogDb): Iterable<IngestOp> {
  for (const row of db.all('SELECT repo, doc FROM ingest_list ORDER BY repo, at')) {
    const list = JSON.parse(String(row['doc'])) as ListEnd
    yield { op: 'ingest.list', repo: row['repo'] as RepoKey, list }
  }
  let [repo, list, position] = ['', '', -1]
  for (;;) {
    const page = db.all(
      `SELECT * FROM ingest_row WHERE (repo, list, position) > (?, ?, ?)
         ORDER BY repo, list, position LIMIT ${chunkLength}`,
      repo,
      list,
      position,
    )
    const last = page.at(-1)
    if (last === undefined) return
    yield* opsOf(page)
    ;[repo, list, position] = [String(last['repo']), String(last['list']), Number(last['position'])]
  }
}

/** One op for neighbours of one repo that ended together. */
function* opsOf(page: readonly Readonly<Record<string, unknown>>[]): Iterable<IngestRowsOp> {
  let open: { repo: RepoKey; at: number; rows: RowEnd[] } | undefined
  for (const row of page) {
    const [repo, at] = [row['repo'] as RepoKey, Number(row['at'])]
    if (open === undefined || open.repo !== repo || open.at !== at) {
      if (open !== undefined) yield { op: 'ingest.rows', ...open }
      open = { repo, at, rows: [] }
    }
    open.rows.push(endOf(row))
  }
  if (open !== undefined) yield { op: 'ingest.rows', ...open }
}

/** A row of the table as the op that made it had it. */
export function endOf(row: Readonly<Record<string, unknown>>): RowEnd {
  return {
    list: String(row['list']),
    position: Number(row['position']),
    ...(JSON.parse(String(row['doc'])) as Omit<RowEnd, 'list' | 'position' | 'status'>),
    status: row['status'] as RowEnd['status'],
    ...(row['again'] === null ? {} : { again: row['again'] as string }),
  }
}
