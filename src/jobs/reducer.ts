import { digestFromBytes, digestToBytes, type Digest } from '../model/index.ts'
import { unreachable } from '../util/index.ts'
import type { CatalogDb, CatalogReducer, LiveRoot } from '../repos/index.ts'
import { addToCache, cacheLive, cacheTable, dropCached, noteUse, putCached } from './cache-table.ts'
import { itemsOf, itemsOfEntry, type DatumRecord } from './datum-record.ts'
import { egressLive, egressTable, setEgress } from './egress-table.ts'
import { isEnded } from './job-state.ts'
import type { DatumsDoneOp, HeardOp, JobsOp, JobSetOp, PipelineSetOp } from './ops.ts'
import { snapshotJobs } from './snapshot.ts'

const tables = `
  CREATE TABLE pipeline (key TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE pipeline_version (
    key TEXT NOT NULL, version INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (key, version)
  ) WITHOUT ROWID;
  CREATE TABLE job (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    pipeline TEXT NOT NULL, id TEXT NOT NULL, ended INTEGER NOT NULL, doc TEXT NOT NULL,
    UNIQUE (pipeline, id)
  );
  CREATE INDEX job_open ON job (ended) WHERE ended = 0;
  CREATE INDEX job_id ON job (id);
  CREATE INDEX job_pipeline ON job (pipeline, sequence);
  CREATE TABLE datum_result (
    pipeline TEXT NOT NULL, job TEXT NOT NULL, datum BLOB NOT NULL,
    -- Either the record itself, or the key under which the cache holds it.
    doc TEXT, key BLOB,
    PRIMARY KEY (pipeline, job, datum)
  ) WITHOUT ROWID;
  ${cacheTable}
  CREATE TABLE job_item (
    pipeline TEXT NOT NULL, job TEXT NOT NULL, digest BLOB NOT NULL,
    PRIMARY KEY (pipeline, job, digest)
  ) WITHOUT ROWID;
  ${egressTable}
  CREATE TABLE trigger_state (
    repo TEXT NOT NULL, branch TEXT NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (repo, branch)
  ) WITHOUT ROWID;
`

/** The tables of this room in the catalog: pipelines, jobs, results of unfinished jobs, the cache. */
export const jobsReducer: CatalogReducer = {
  name: 'jobs',
  version: 4,
  tables,
  ops: [
    'pipeline.set',
    'pipeline.delete',
    'job.set',
    'job.delete',
    'datums.done',
    'datums.redo',
    'cache.put',
    'cache.drop',
    'job.items',
    'trigger.set',
    'egress.set',
  ],
  hears: ['repo.delete', 'branch.delete'],
  apply: (db, op, { at }) => apply(db, op as JobsOp | HeardOp, at),
  snapshot: snapshotJobs,
  live,
  itemsIn: itemsOfEntry,
}

function apply(db: CatalogDb, op: JobsOp | HeardOp, at: number): void {
  switch (op.op) {
    case 'pipeline.set':
      return setPipeline(db, op)
    case 'pipeline.delete':
      db.run('DELETE FROM pipeline WHERE key = ?', op.key)
      db.run('DELETE FROM pipeline_version WHERE key = ?', op.key)
      return dropJobs(db, 'pipeline = ?', op.key)
    case 'job.set':
      return setJob(db, op)
    case 'job.delete':
      return dropJobs(db, 'pipeline = ? AND id = ?', op.pipeline, op.id)
    case 'datums.done':
      return addResults(db, op, at)
    case 'datums.redo':
      for (const id of op.ids) dropResult(db, op.pipeline, op.job, id)
      for (const key of op.keys) dropCached(db, key)
      return
    case 'cache.put':
      for (const entry of op.entries) putCached(db, entry)
      return
    case 'cache.drop':
      for (const key of op.keys) dropCached(db, key)
      return
    case 'job.items':
      for (const item of op.items) keepItem(db, op.pipeline, op.job, item)
      return
    case 'trigger.set':
      db.run(
        'INSERT OR REPLACE INTO trigger_state VALUES (?, ?, ?)',
        op.repo,
        op.branch,
        JSON.stringify(op),
      )
      return
    case 'egress.set':
      return setEgress(db, op)
    // Made again under the same name, a trigger starts anew.
    case 'repo.delete':
      db.run('DELETE FROM trigger_state WHERE repo = ?', op.repo)
      return
    case 'branch.delete':
      db.run('DELETE FROM trigger_state WHERE repo = ? AND branch = ?', op.repo, op.branch)
      return
    default:
      unreachable(op)
  }
}

function setPipeline(db: CatalogDb, { pipeline }: PipelineSetOp): void {
  const doc = JSON.stringify(pipeline)
  db.run('INSERT OR REPLACE INTO pipeline VALUES (?, ?)', pipeline.key, doc)
  db.run(
    'INSERT OR REPLACE INTO pipeline_version VALUES (?, ?, ?)',
    pipeline.key,
    pipeline.version,
    doc,
  )
}

function setJob(db: CatalogDb, { job }: JobSetOp): void {
  const ended = isEnded(job.state)
  db.run(
    `INSERT INTO job (pipeline, id, ended, doc) VALUES (?, ?, ?, ?)
       ON CONFLICT (pipeline, id) DO UPDATE SET ended = excluded.ended, doc = excluded.doc`,
    job.pipeline,
    job.id,
    ended ? 1 : 0,
    JSON.stringify(job),
  )
  // The datums tree of the output commit has them from here on.
  if (ended) db.run('DELETE FROM datum_result WHERE pipeline = ? AND job = ?', job.pipeline, job.id)
}

function addResults(db: CatalogDb, { pipeline, job, datums }: DatumsDoneOp, at: number): void {
  const found = db.get('SELECT ended FROM job WHERE pipeline = ? AND id = ?', pipeline, job)
  // A job killed while its last datums ran keeps no results of its own, but the cache does.
  const open = found?.['ended'] === 0
  const use = { pipeline, job, usedAt: at }
  for (const done of datums) {
    const { id, record } = done
    if (done.hit !== undefined) noteUse(db, done.hit, use)
    const inCache = addToCache(db, done, use)
    if (open) {
      db.run(
        'INSERT OR REPLACE INTO datum_result VALUES (?, ?, ?, ?, ?)',
        pipeline,
        job,
        digestToBytes(id),
        inCache === undefined ? JSON.stringify(record) : null,
        inCache ?? null,
      )
    }
    for (const item of itemsOf(record)) keepItem(db, pipeline, job, item)
    for (const { digest } of done.outputs ?? []) keepItem(db, pipeline, job, digest)
  }
}

function keepItem(db: CatalogDb, pipeline: string, job: string, item: Digest): void {
  db.run('INSERT OR IGNORE INTO job_item VALUES (?, ?, ?)', pipeline, job, digestToBytes(item))
}

function dropResult(db: CatalogDb, pipeline: string, job: string, id: Digest): void {
  db.run(
    'DELETE FROM datum_result WHERE pipeline = ? AND job = ? AND datum = ?',
    pipeline,
    job,
    digestToBytes(id),
  )
}

function dropJobs(db: CatalogDb, where: string, ...values: string[]): void {
  const byJob = where.replace('id = ?', 'job = ?')
  db.run(`DELETE FROM job WHERE ${where}`, ...values)
  db.run(`DELETE FROM datum_result WHERE ${byJob}`, ...values)
  db.run(`DELETE FROM job_item WHERE ${byJob}`, ...values)
}

/** Logs and long lists of jobs, and everything the cache would have to bring back. */
function* live(db: CatalogDb): Iterable<LiveRoot> {
  for (const row of db.all('SELECT DISTINCT digest FROM job_item')) {
    yield { kind: 'item', digest: digestFromBytes(row['digest'] as Uint8Array) }
  }
  yield* cacheLive(db)
  yield* egressLive(db)
  for (const row of db.all('SELECT doc FROM datum_result WHERE doc IS NOT NULL')) {
    const record = JSON.parse(String(row['doc'])) as DatumRecord
    if ('item' in record.outputs) continue
    for (const output of record.outputs) yield { kind: 'item', digest: output.digest }
  }
}
