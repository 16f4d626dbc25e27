import type { Digest } from '../model/index.ts'
import type { CatalogDb, LiveRoot, RepoKey } from '../repos/index.ts'
import type { EgressSetOp } from './ops.ts'

/** What egress has put where, so that it writes what changed and touches nothing of others. */
export const egressTable = `
  CREATE TABLE egress (
    pipeline TEXT NOT NULL, url TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (pipeline, url)
  ) WITHOUT ROWID;`

export interface EgressState {
  /** The output handed over whole last. */
  readonly done: Digest | undefined
  /** Outputs begun since: some of their files may be there. */
  readonly begun: readonly Digest[]
}

export function findEgress(db: CatalogDb, pipeline: RepoKey, url: string): EgressState {
  const row = db.get('SELECT doc FROM egress WHERE pipeline = ? AND url = ?', pipeline, url)
  if (row === undefined) return { done: undefined, begun: [] }
  const { done, begun } = opOf(row)
  return { done, begun }
}

export function setEgress(db: CatalogDb, op: EgressSetOp): void {
  const sql = 'INSERT OR REPLACE INTO egress VALUES (?, ?, ?)'
  db.run(sql, op.pipeline, op.url, JSON.stringify(op))
}

export function egressOps(db: CatalogDb): EgressSetOp[] {
  return db.all('SELECT doc FROM egress ORDER BY pipeline, url').map(opOf)
}

/** The trees alone: comparing with them needs no file of theirs. */
export function* egressLive(db: CatalogDb): Iterable<LiveRoot> {
  for (const { done, begun } of egressOps(db)) {
    for (const digest of done === undefined ? begun : [done, ...begun]) {
      yield { kind: 'nodes', digest }
    }
  }
}

const opOf = (row: Readonly<Record<string, unknown>>): EgressSetOp =>
  JSON.parse(String(row['doc'])) as EgressSetOp
