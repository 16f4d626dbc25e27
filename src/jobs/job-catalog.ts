import {
  digestFromBytes,
  digestToBytes,
  VarveError,
  type CommitId,
  type Digest,
} from '../model/index.ts'
import type { CatalogDb, RepoKey } from '../repos/index.ts'
import type { DatumRecord } from './datum-record.ts'
import { inspectPipeline, pipelineKey } from './pipeline-catalog.ts'
import type { JobFilter, JobInfo, JobRef } from './types.ts'

const readJob = (row: Readonly<Record<string, unknown>>): JobInfo =>
  JSON.parse(String(row['doc'])) as JobInfo

export function findJob(db: CatalogDb, pipeline: RepoKey, id: CommitId): JobInfo | undefined {
  const row = db.get('SELECT doc FROM job WHERE pipeline = ? AND id = ?', pipeline, id)
  return row === undefined ? undefined : readJob(row)
}

/** Throws `JOB_NOT_FOUND`. A text is `pipeline@id`, or `pipeline` for its newest job. */
export function inspectJob(db: CatalogDb, ref: JobRef): JobInfo {
  if (typeof ref !== 'string') {
    const job = findJob(db, ref.pipeline, ref.id)
    if (job === undefined) throw jobNotFound(`${ref.pipeline}@${ref.id}`)
    return job
  }
  const [name = '', id] = ref.split('@')
  const pipeline = pipelineKey(name)
  const job =
    id === undefined
      ? listJobs(db, { pipeline, limit: 1 })[0]
      : findJob(db, pipeline, id as CommitId)
  if (job === undefined) throw id === undefined ? noJobOf(db, name) : jobNotFound(ref)
  return job
}

/** Jobs that have not ended, oldest first: the order they must be run in within a pipeline. */
export function openJobs(db: CatalogDb): JobInfo[] {
  return db.all('SELECT doc FROM job WHERE ended = 0 ORDER BY sequence').map(readJob)
}

/** Newest first. */
export function listJobs(db: CatalogDb, filter: JobFilter = {}): JobInfo[] {
  const { where, values } = sqlOf(filter)
  // States and inputs are looked at below, so with them nobody knows yet how many rows it takes.
  const isWhole = filter.states === undefined && filter.inputs === undefined
  const most = isWhole ? (filter.limit ?? -1) : -1
  const rows = db.all(
    `SELECT doc FROM job ${where} ORDER BY sequence DESC LIMIT ?`,
    ...values,
    most,
  )
  const found = rows.map(readJob).filter((job) => matches(job, filter))
  return found.slice(0, filter.limit ?? found.length)
}

function sqlOf(filter: JobFilter): { where: string; values: string[] } {
  const conditions: string[] = []
  const values: string[] = []
  if (filter.pipeline !== undefined) {
    conditions.push('pipeline = ?')
    values.push(pipelineKey(filter.pipeline))
  }
  if (filter.id !== undefined) {
    conditions.push('id = ?')
    values.push(filter.id)
  }
  return {
    where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`,
    values,
  }
}

function matches(job: JobInfo, { states, inputs = [] }: JobFilter): boolean {
  if (states !== undefined && !states.includes(job.state)) return false
  return inputs.every((wanted) =>
    job.inputs.some(({ repo, id }) => repo === wanted.repo && id === wanted.id),
  )
}

const resultSql = `
  SELECT datum, coalesce(r.doc, c.doc) AS doc
    FROM datum_result r LEFT JOIN datum_cache c ON c.key = r.key
   WHERE pipeline = ? AND job = ?`

/** Results an unfinished job has already, for those of `ids`; answers in order. */
export function findResults(
  db: CatalogDb,
  job: Pick<JobInfo, 'pipeline' | 'id'>,
  ids: readonly Digest[],
): (DatumRecord | undefined)[] {
  const sql = `${resultSql} AND datum = ?`
  return ids.map((id) => {
    const row = db.get(sql, job.pipeline, job.id, digestToBytes(id))
    return row === undefined ? undefined : (JSON.parse(String(row['doc'])) as DatumRecord)
  })
}

/** Whether the job was cut short after something was done. */
export function hasResults(db: CatalogDb, job: Pick<JobInfo, 'pipeline' | 'id'>): boolean {
  const sql = 'SELECT 1 FROM datum_result WHERE pipeline = ? AND job = ? LIMIT 1'
  return db.get(sql, job.pipeline, job.id) !== undefined
}

/** When the last datum of an unfinished job ended, ms since the epoch; 0 without any. */
export function lastWorkAt(db: CatalogDb, job: Pick<JobInfo, 'pipeline' | 'id'>): number {
  let last = 0
  for (const page of resultPages(db, job)) {
    for (const { record } of page) last = Math.max(last, record.startedAt + record.wallMs)
  }
  return last
}

export interface StoredResult {
  readonly id: Digest
  readonly record: DatumRecord
}

/** All results of an unfinished job in order of id, in pages, so that memory stays flat. */
export function* resultPages(
  db: CatalogDb,
  job: Pick<JobInfo, 'pipeline' | 'id'>,
  length = 4096,
): Iterable<StoredResult[]> {
  let after: Uint8Array = new Uint8Array()
  for (;;) {
    const rows = db.all(
      `${resultSql} AND datum > ? ORDER BY datum LIMIT ?`,
      job.pipeline,
      job.id,
      after,
      length,
    )
    const last = rows.at(-1)
    if (last === undefined) return
    after = last['datum'] as Uint8Array
    yield rows.map((row) => ({
      id: digestFromBytes(row['datum'] as Uint8Array),
      record: JSON.parse(String(row['doc'])) as DatumRecord,
    }))
  }
}

function noJobOf(db: CatalogDb, name: string): VarveError {
  const { spec } = inspectPipeline(db, name)
  return new VarveError('JOB_NOT_FOUND', {
    what: `Pipeline "${spec.name}" has no job.`,
    next: 'Write to one of its inputs, or use `varve rerun pipeline`; then `varve run`.',
    data: { pipeline: name },
  })
}

function jobNotFound(ref: string): VarveError {
  return new VarveError('JOB_NOT_FOUND', { what: `There is no job ${ref}.`, data: { job: ref } })
}
