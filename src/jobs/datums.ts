import { VarveError, type Digest } from '../model/index.ts'
import { datumCacheKey, type Datum, type PipelineSpec } from '../pipelines/index.ts'
import { showRepo, type Store } from '../repos/index.ts'
import { datumInfos, recordPages } from './datum-pages.ts'
import type { CodeFacts } from './fingerprint.ts'
import { findResults, inspectJob, resultPages } from './job-catalog.ts'
import { isEnded } from './job-state.ts'
import { emit } from './ops.ts'
import { unpackRecords } from './record-lists.ts'
import { streamInBatches } from '../util/index.ts'
import type { DatumInfo, DatumState, JobInfo, JobRef } from './types.ts'

/** The datums of a job: of an ended one from its output commit, of another as far as it is known. */
export interface Datums {
  /**
   * Of an ended job in order of id. Of another what is done, then what is to be done, then what is
   * kept; nothing of the last two while an input is not computed.
   */
  list(job: JobRef, filter?: { readonly states?: readonly DatumState[] }): AsyncIterable<DatumInfo>
  /** `DATUM_NOT_FOUND`. An id may be cut to any beginning that names one datum. */
  inspect(job: JobRef, id: string): Promise<DatumInfo>
  /**
   * Takes results of an unfinished job back, so that these datums run again. `COMMIT_FINISHED` when
   * it has ended, `IN_USE` while this process runs it.
   */
  restart(job: JobRef, ids: readonly Digest[]): Promise<void>
  /** Datums a pipeline that is not created would have now; `REPO_NOT_FOUND`. */
  ofSpec(spec: PipelineSpec): AsyncIterable<Datum>
  /** What datums printed, in order of datum; of those this job ran unless one is named. */
  logs(job: JobRef, which?: WhichLogs): AsyncIterable<DatumLog>
}

export interface WhichLogs {
  /** An id, or any beginning that names one datum. */
  readonly datum?: string | undefined
  /** Asked of each datum once, before what it printed is read. */
  readonly wanted?: (datum: DatumInfo) => boolean
}

export interface DatumLog {
  readonly datum: DatumInfo
  readonly text: string
}

export interface DatumsDeps {
  readonly store: Store
  readonly facts: CodeFacts
  readonly isRunning: (job: JobInfo) => boolean
  /** Root of a tree without keys: an input nobody wrote to. */
  readonly emptyTree: Digest
}

export function openDatums(deps: DatumsDeps): Datums {
  const { store } = deps
  const datums: Datums = {
    list: (ref, { states } = {}) => list(deps, inspectJob(store.db, ref), states),
    inspect: (ref, id) => inspect(deps, inspectJob(store.db, ref), id),
    restart: (ref, ids) => restart(deps, inspectJob(store.db, ref), ids),
    async *ofSpec(spec) {
      const { specDatums } = await import('./spec-datums.ts')
      yield* specDatums(store, deps.emptyTree, spec)
    },
    async *logs(ref, which = {}) {
      const printed = printedBy(deps, inspectJob(store.db, ref), which)
      for await (const some of streamInBatches(printed, logsTogether)) {
        const texts = await store.content.read(some.map(({ log }) => log))
        for (const [at, { datum }] of some.entries()) {
          yield { datum, text: Buffer.from(texts[at] ?? []).toString() }
        }
      }
    },
  }
  return datums
}

const logsTogether = 50

async function* printedBy(
  deps: DatumsDeps,
  job: JobInfo,
  { datum: id, wanted = () => true }: WhichLogs,
): AsyncGenerator<{ readonly datum: DatumInfo; readonly log: Digest }> {
  const from = id === undefined ? doneDatums(deps.store, job) : [await inspect(deps, job, id)]
  for await (const datum of from) {
    if (id === undefined && datum.ranIn !== job.id) continue
    if (datum.log !== undefined && wanted(datum)) yield { datum, log: datum.log }
  }
}

async function* list(
  { store, facts }: DatumsDeps,
  job: JobInfo,
  states: readonly DatumState[] | undefined,
): AsyncIterable<DatumInfo> {
  const wanted = (info: DatumInfo): boolean => states === undefined || states.includes(info.state)
  const done = new Set<Digest>()
  for await (const info of doneDatums(store, job)) {
    done.add(info.id)
    if (wanted(info)) yield info
  }
  if (isEnded(job.state)) return
  const { plannedDatums } = await import('./planned-datums.ts')
  for await (const page of plannedDatums(store, facts, job)) {
    for (const info of page) if (!done.has(info.id) && wanted(info)) yield info
  }
}

async function* doneDatums(store: Store, job: JobInfo): AsyncIterable<DatumInfo> {
  const tree = isEnded(job.state) ? datumsTree(store, job) : undefined
  const pages = tree === undefined ? resultPages(store.db, job) : recordPages(store.content, tree)
  for await (const page of pages) yield* await datumInfos(store.content, job, page)
}

function datumsTree(store: Store, { pipeline, id }: JobInfo): Digest | undefined {
  return store.commits.find({ repo: pipeline, id })?.datums
}

async function inspect(deps: DatumsDeps, job: JobInfo, id: string): Promise<DatumInfo> {
  const [first, second] = await beginningWith(deps, job, id)
  if (first !== undefined && second === undefined) return first
  const name = `${showRepo(job.pipeline)}@${job.id}`
  throw new VarveError('DATUM_NOT_FOUND', {
    what:
      first === undefined
        ? `Job ${name} has no datum ${id}.`
        : `Job ${name} has more than one datum beginning with ${id}.`,
    next: `Run \`varve list datum ${name}\`.`,
    data: { job: name, datum: id },
  })
}

/** The first two datums whose id begins so; in an ended job nothing else is read. */
async function beginningWith(deps: DatumsDeps, job: JobInfo, id: string): Promise<DatumInfo[]> {
  const { store } = deps
  const tree = isEnded(job.state) ? datumsTree(store, job) : undefined
  const found: DatumInfo[] = []
  if (tree === undefined) {
    for await (const info of list(deps, job, undefined)) {
      if (info.id.startsWith(id)) found.push(info)
      if (found.length > 1) break
    }
    return found
  }
  for await (const page of recordPages(store.content, tree, id)) {
    found.push(...(await datumInfos(store.content, job, page.slice(0, 2))))
    if (found.length > 1) break
  }
  return found
}

async function restart(
  { store, isRunning }: DatumsDeps,
  job: JobInfo,
  ids: readonly Digest[],
): Promise<void> {
  if (isEnded(job.state)) {
    throw new VarveError('COMMIT_FINISHED', {
      what: `Job ${showRepo(job.pipeline)}@${job.id} has ended; its datums cannot be restarted.`,
      next: `Run \`varve rerun pipeline ${showRepo(job.pipeline)} --reprocess\` for a new job.`,
    })
  }
  if (isRunning(job)) {
    throw new VarveError('IN_USE', {
      what: `Job ${showRepo(job.pipeline)}@${job.id} is being run; its results are on their way.`,
      next: 'Interrupt the run, restart the datums, and run again.',
    })
  }
  const { pipeline, id } = job
  const found = findResults(store.db, job, ids).filter((record) => record !== undefined)
  const keys = (await unpackRecords(store.content, found)).map((record) =>
    datumCacheKey(record.fingerprint, record.inputs),
  )
  await store.transact((tx) => emit(tx, { op: 'datums.redo', pipeline, job: id, ids, keys }))
}
