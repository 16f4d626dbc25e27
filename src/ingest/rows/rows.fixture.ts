import { CatalogDb, type RepoKey } from '../../repos/index.ts'
import type { IngestRowsOp } from './ops.ts'
import { ingestReducer } from './reducer.ts'
import { RowTable } from './row-table.ts'
import type { RowEnd } from './row.ts'

export const repo = 'default/images' as RepoKey

/** Remembers how SQLite went about each question. */
export class WatchedDb extends CatalogDb {
  readonly plans: string[] = []

  override all(sql: string, ...values: Parameters<CatalogDb['run']>[1][]) {
    const steps = super.all(`EXPLAIN QUERY PLAN ${sql}`, ...values)
    this.plans.push(steps.map(({ detail }) => String(detail)).join('; '))
    return super.all(sql, ...values)
  }
}

/** Rows of one list: each third of them failed. */
export function endedRows(list: string, count: number): RowEnd[] {
  return Array.from({ length: count }, (_, position) => ({
    list,
    position,
    url: `http://host/${list}/${position}`,
    status: position % 3 === 0 ? 'failed_to_download' : 'success',
    ...(position % 3 === 0 ? { error: `HTTP Error ${position % 2 === 0 ? 404 : 500}` } : {}),
    attempts: 1,
  }))
}

export function rowTableOf(...lists: readonly (readonly RowEnd[])[]): {
  readonly db: WatchedDb
  readonly rows: RowTable
} {
  const db = new WatchedDb(':memory:')
  db.exec(ingestReducer.tables)
  for (const rows of lists) end(db, rows)
  return { db, rows: new RowTable(db, repo) }
}

/** Rows end. */
export function end(db: CatalogDb, rows: readonly RowEnd[]): void {
  const op: IngestRowsOp = { op: 'ingest.rows', repo, rows }
  ingestReducer.apply(db, op, { at: 7 })
}
