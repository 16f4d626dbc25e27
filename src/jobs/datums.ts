import { VarveError, type Digest } from '../model/index.ts'
import { datumCacheKey } from '../pipelines/index.ts'
import type { Store } from '../repos/index.ts'
import { datumInfo, datumKey, decodeDatumRecord, type DatumRecord } from './datum-record.ts'
import { findResults, inspectJob, resultPages, type StoredResult } from './job-catalog.ts'
import { isEnded } from './job-state.ts'
import { emit } from './ops.ts'
import { unpackRecords } from './record-lists.ts'
import type { DatumInfo, DatumState, JobInfo, JobRef } from './types.ts'

/** The datums of a job: of an ended one from its output commit, of another what is done so far. */
export interface Datums {
  /** In order of id. */
  list(job: JobRef, filter?: { readonly states?: readonly DatumState[] }): AsyncIterable<DatumInfo>
  /** `DATUM_NOT_FOUND`. An id may be cut to any beginning that names one datum. */
  inspect(job: JobRef, id: string): Promise<DatumInfo>
  /** Takes results of an unfinished job back, so that these datums run again. */
  restart(job: JobRef, ids: readonly Digest[]): Promise<void>
  /** What datums printed, in order of datum; of those this job ran unless one is named. */
  logs(job: JobRef, datum?: string): AsyncIterable<DatumLog>
}

export interface DatumLog {
  readonly datum: DatumInfo
  readonly text: string
}

export function openDatums(store: Store): Datums {
  const datums: Datums = {
    list: (ref, { states } = {}) => list(store, inspectJob(store.db, ref), states),
    inspect: (ref, id) => inspect(store, inspectJob(store.db, ref), id),
    restart: (ref, ids) => restart(store, inspectJob(store.db, ref), ids),
    async *logs(ref, id) {
      const job = inspectJob(store.db, ref)
      const from = id === undefined ? list(store, job, undefined) : [await inspect(store, job, id)]
      for await (const datum of from) {
        if (datum.log === undefined || (id === undefined && datum.ranIn !== job.id)) continue
        const [bytes] = await store.content.read([datum.log])
        yield { datum, text: Buffer.from(bytes ?? []).toString() }
      }
    },
  }
  return datums
}

async function* list(
  store: Store,
  job: JobInfo,
  states: readonly DatumState[] | undefined,
): AsyncIterable<DatumInfo> {
  for await (const page of pagesOf(store, job)) {
    for (const info of await infosOf(store, job, page)) {
      if (states === undefined || states.includes(info.state)) yield info
    }
  }
}

async function* pagesOf(store: Store, job: JobInfo): AsyncIterable<StoredResult[]> {
  const tree = datumsTree(store, job)
  if (tree === undefined) {
    yield* resultPages(store.db, job)
    return
  }
  let page: StoredResult[] = []
  for await (const { key, value } of store.content.scan(tree, 'd/')) {
    page.push({ id: key.slice('d/'.length) as Digest, record: decodeDatumRecord(value) })
    if (page.length < 1024) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}

function datumsTree(store: Store, job: JobInfo): Digest | undefined {
  if (!isEnded(job.state)) return undefined
  return store.commits.find({ repo: job.pipeline, id: job.id })?.datums
}

async function infosOf(
  store: Store,
  job: JobInfo,
  page: readonly StoredResult[],
): Promise<DatumInfo[]> {
  const full = await unpackRecords(
    store.content,
    page.map(({ record }) => record),
  )
  return page.flatMap(({ id }, place) => {
    const record = full[place]
    return record === undefined ? [] : [datumInfo(job, id, record)]
  })
}

async function inspect(store: Store, job: JobInfo, id: string): Promise<DatumInfo> {
  const found = await findRecord(store, job, id)
  if (found === undefined) {
    throw new VarveError('DATUM_NOT_FOUND', {
      what: `Job ${job.pipeline}@${job.id} has no datum ${id}, or more than one beginning so.`,
      data: { job: `${job.pipeline}@${job.id}`, datum: id },
    })
  }
  const [info] = await infosOf(store, job, [found])
  if (info === undefined) throw new Error('a record was lost while it was read')
  return info
}

async function findRecord(
  store: Store,
  job: JobInfo,
  id: string,
): Promise<StoredResult | undefined> {
  const tree = datumsTree(store, job)
  if (tree === undefined) {
    const [record] = findResults(store.db, job, [id as Digest])
    return record === undefined ? undefined : { id: id as Digest, record }
  }
  const found: { id: Digest; record: DatumRecord }[] = []
  for await (const { key, value } of store.content.scan(tree, datumKey(id as Digest))) {
    found.push({ id: key.slice('d/'.length) as Digest, record: decodeDatumRecord(value) })
    if (found.length > 1) return undefined
  }
  return found[0]
}

async function restart(store: Store, job: JobInfo, ids: readonly Digest[]): Promise<void> {
  if (isEnded(job.state)) {
    throw new VarveError('COMMIT_FINISHED', {
      what: `Job ${job.pipeline}@${job.id} has ended; its datums cannot be restarted.`,
      next: 'Run `varve rerun pipeline --reprocess` for a new job.',
    })
  }
  const { pipeline, id } = job
  const found = findResults(store.db, job, ids).filter((record) => record !== undefined)
  const keys = (await unpackRecords(store.content, found)).map((record) =>
    datumCacheKey(record.fingerprint, record.inputs),
  )
  await store.transact((tx) => emit(tx, { op: 'datums.redo', pipeline, job: id, ids, keys }))
}
