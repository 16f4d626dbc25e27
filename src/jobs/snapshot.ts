import { digestFromBytes, type CommitId } from '../model/index.ts'
import type { CatalogDb, RepoKey } from '../repos/index.ts'
import { cachePages } from './cache-table.ts'
import type { DatumRecord } from './datum-record.ts'
import { egressOps } from './egress-table.ts'
import type { JobsOp, PipelineDoc, TriggerSetOp } from './ops.ts'
import type { JobInfo } from './types.ts'

/** Rows of one op: a checkpoint must not be one giant line of JSON. */
const chunkLength = 1000

/** Ops that give the present tables again, in an order `apply` can take. */
export function* snapshotJobs(db: CatalogDb): Iterable<JobsOp> {
  for (const op of pipelineOps(db)) yield op
  for (const row of db.all('SELECT doc FROM job ORDER BY sequence')) {
    yield { op: 'job.set', job: JSON.parse(String(row['doc'])) as JobInfo }
  }
  for (const op of resultOps(db)) yield op
  const items = 'SELECT pipeline, job, digest FROM job_item ORDER BY pipeline, job'
  for (const row of db.all(items)) {
    const [pipeline, job] = [row['pipeline'] as RepoKey, row['job'] as CommitId]
    const digest = digestFromBytes(row['digest'] as Uint8Array)
    yield { op: 'job.items', pipeline, job, items: [digest] }
  }
  for (const row of db.all('SELECT doc FROM trigger_state')) {
    yield JSON.parse(String(row['doc'])) as TriggerSetOp
  }
  yield* egressOps(db)
}

function* pipelineOps(db: CatalogDb): Iterable<JobsOp> {
  const docs = [
    ...db.all('SELECT doc FROM pipeline_version ORDER BY key, version'),
    // Last, so that the present state of each pipeline wins over its newest version as created.
    ...db.all('SELECT doc FROM pipeline'),
  ]
  for (const row of docs) {
    yield { op: 'pipeline.set', pipeline: JSON.parse(String(row['doc'])) as PipelineDoc }
  }
}

function* resultOps(db: CatalogDb): Iterable<JobsOp> {
  for (const row of db.all(
    `SELECT pipeline, job, datum, coalesce(r.doc, c.doc) AS doc, r.key AS key
       FROM datum_result r LEFT JOIN datum_cache c ON c.key = r.key`,
  )) {
    const [pipeline, job] = [row['pipeline'] as RepoKey, row['job'] as CommitId]
    const id = digestFromBytes(row['datum'] as Uint8Array)
    const record = JSON.parse(String(row['doc'])) as DatumRecord
    const key = row['key'] === null ? {} : { key: digestFromBytes(row['key'] as Uint8Array) }
    yield { op: 'datums.done', pipeline, job, datums: [{ id, record, ...key }] }
  }
  for (const entries of cachePages(db, chunkLength)) yield { op: 'cache.put', entries }
}
