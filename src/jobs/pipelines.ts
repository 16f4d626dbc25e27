import { isDeepStrictEqual } from 'node:util'
import { checkName, VarveError, type CommitId } from '../model/index.ts'
import { leafInputs, type LeafInput, type PipelineSpec } from '../pipelines/index.ts'
import {
  showRepo,
  type BranchInput,
  type RepoKey,
  type Store,
  type StoreTx,
} from '../repos/index.ts'
import type { Random } from '../util/index.ts'
import { applyPipelines, type ApplyAllOptions, type PipelineChanger } from './apply-pipelines.ts'
import { findJob, openJobs } from './job-catalog.ts'
import { emit, type PipelineDoc } from './ops.ts'
import {
  findPipeline,
  inspectPipeline,
  listPipelines,
  pipelineHistory,
  pipelineKey,
} from './pipeline-catalog.ts'
import { openSources } from './pipeline-sources.ts'
import { killJobs } from './propagation.ts'
import type { JobInfo, PipelineInfo, PipelineRef } from './types.ts'

export interface ApplyOutcome {
  readonly outcome: 'created' | 'updated' | 'unchanged'
  readonly pipeline: PipelineInfo
}

export interface PipelineRemoval {
  readonly keepRepo?: boolean
  readonly force?: boolean
  /** Refuse as it would be refused, and delete nothing. */
  readonly dryRun?: boolean
}

/** Create, change and remove pipelines. Each call is one transaction: all of it happens or nothing. */
export interface Pipelines {
  /**
   * `ALREADY_EXISTS`, `REPO_NOT_FOUND` (an input), `CYCLE`. Existing heads give exactly one job.
   */
  create(spec: PipelineSpec): Promise<PipelineInfo>
  /**
   * A new version and, unless stopped, a job; unfinished jobs of the old version are killed.
   * `reprocess` makes every datum run again although neither code nor inputs changed.
   */
  update(spec: PipelineSpec, options?: { readonly reprocess?: boolean }): Promise<PipelineInfo>
  /** Creates, updates when the spec differs, or leaves alone: what `apply` says again and again. */
  apply(spec: PipelineSpec): Promise<ApplyOutcome>
  /** Several, in any order, as one change: all of them or none. */
  applyAll(
    specs: readonly PipelineSpec[],
    options?: ApplyAllOptions,
  ): Promise<readonly ApplyOutcome[]>
  /** Kills the running job; new input commits create none from here on. */
  stop(pipeline: PipelineRef): Promise<PipelineInfo>
  /** Catches up with the heads as they are, by one job. */
  start(pipeline: PipelineRef): Promise<PipelineInfo>
  /** One more job on the same inputs; `reprocess` as for update. */
  rerun(pipeline: PipelineRef, options?: { readonly reprocess?: boolean }): Promise<CommitId>
  /** Jobs, and the output repo unless kept. `IN_USE` while anything reads it, unless forced. */
  delete(pipeline: PipelineRef, options?: PipelineRemoval): Promise<void>
  inspect(pipeline: PipelineRef): PipelineInfo
  list(): readonly PipelineInfo[]
  /** Newest first. */
  history(pipeline: PipelineRef): readonly PipelineInfo[]
}

/** `onKilled` hears of jobs ended here, so that work in progress on them can stop. */
export function openPipelines(
  store: Store,
  random: Random,
  onKilled: (job: JobInfo, reason: string) => void,
): Pipelines {
  const transact = async <T>(work: (tx: StoreTx) => Promise<T>): Promise<T> => {
    const before = openJobs(store.db)
    const result = await store.transact(work)
    for (const job of before) {
      const now = findJob(store.db, job.pipeline, job.id)
      if (now === undefined || now.state === 'killed') onKilled(job, now?.reason ?? 'deleted')
    }
    return result
  }
  const change = (work: (tx: StoreTx) => Promise<RepoKey>): Promise<PipelineInfo> =>
    transact(async (tx) => inspectPipeline(tx.db, await work(tx)))

  const pipelines: Pipelines = {
    create: (spec) => change((tx) => create(tx, spec)),
    update: (spec, { reprocess = false } = {}) =>
      change((tx) => update(tx, spec, reprocess ? random.uuidHex() : undefined)),
    apply: async (spec) => {
      const key = keyOf(spec)
      const known = findPipeline(store.db, key)
      if (known === undefined) {
        return { outcome: 'created', pipeline: await pipelines.create(spec) }
      }
      if (isDeepStrictEqual(known.spec, plain(spec))) {
        return { outcome: 'unchanged', pipeline: known }
      }
      return { outcome: 'updated', pipeline: await pipelines.update(spec) }
    },
    applyAll: (specs, options = {}) =>
      rehearsable(options.rehearse === true, transact, async (tx) => {
        const changer: PipelineChanger = {
          create,
          update: (own, spec) =>
            update(own, spec, options.reprocess === true ? random.uuidHex() : undefined),
          isUnchanged: (own, spec) => {
            const known = findPipeline(own.db, keyOf(spec))
            return known && isDeepStrictEqual(known.spec, plain(spec))
          },
        }
        await options.first?.(tx)
        const applied = await applyPipelines(tx, specs, { mode: options.mode, changer })
        return applied.map(({ outcome, key }) => ({
          outcome,
          pipeline: inspectPipeline(tx.db, key),
        }))
      }),
    stop: (ref) => change((tx) => stop(tx, ref)),
    start: (ref) => change((tx) => start(tx, ref)),
    rerun: (ref, { reprocess = false } = {}) =>
      store.transact((tx) => rerun(tx, ref, reprocess ? random.uuidHex() : undefined)),
    delete: async (ref, options = {}) => {
      if (options.dryRun === true) return refuseRead(store, ref, options)
      return transact((tx) => remove(tx, ref, options))
    },
    inspect: (ref) => inspectPipeline(store.db, ref),
    list: () => listPipelines(store.db),
    history: (ref) => pipelineHistory(store.db, ref),
  }
  return pipelines
}

/** A rehearsal is a transaction that is given up at its end, with its answer kept. */
async function rehearsable<T>(
  isRehearsal: boolean,
  transact: (work: (tx: StoreTx) => Promise<T>) => Promise<T>,
  work: (tx: StoreTx) => Promise<T>,
): Promise<T> {
  if (!isRehearsal) return transact(work)
  const given: { answer?: { readonly value: T } } = {}
  const isOver = new Error('the rehearsal is over')
  try {
    return await transact(async (tx) => {
      given.answer = { value: await work(tx) }
      throw isOver
    })
  } catch (error) {
    if (error !== isOver || given.answer === undefined) throw error
    return given.answer.value
  }
}

async function create(tx: StoreTx, spec: PipelineSpec): Promise<RepoKey> {
  const key = keyOf(spec)
  checkName('pipeline', spec.name)
  if (findPipeline(tx.db, key) !== undefined) throw exists('pipeline', key)
  await createOutputRepo(tx, key, spec)
  const sources = await openSources(tx, spec)
  setPipeline(tx, {
    key,
    spec: plain(spec),
    version: 1,
    state: 'running',
    salt: '',
    sources,
    createdAt: tx.at,
    updatedAt: tx.at,
  })
  const pipeline = inspectPipeline(tx.db, key)
  await connect(tx, pipeline)
  // Over a kept repo the head may have the very inputs of now, computed by the pipeline of then.
  if (tx.branches.find(outputOf(pipeline))?.head !== undefined) {
    await tx.branches.rerun(outputOf(pipeline))
  }
  return key
}

/** A repo kept from a deleted pipeline is taken over; one that people write to is not. */
async function createOutputRepo(tx: StoreTx, key: RepoKey, spec: PipelineSpec): Promise<void> {
  if (!tx.repos.exists(key)) {
    const description = spec.description === '' ? {} : { description: spec.description }
    await tx.repos.create(key, description)
    return
  }
  const newest = tx.commits.list({ repo: key, limit: 1 })[0]
  if (newest?.origin === 'USER') throw exists('repo', key)
}

async function update(tx: StoreTx, spec: PipelineSpec, salt: string | undefined): Promise<RepoKey> {
  const before = inspectPipeline(tx.db, keyOf(spec))
  const sources = await openSources(tx, spec)
  await killJobs(tx, jobsOf(tx, before.key), 'the pipeline was updated')
  setPipeline(tx, {
    ...before,
    spec: plain(spec),
    version: before.version + 1,
    salt: salt ?? before.salt,
    sources,
    updatedAt: tx.at,
  })
  if (before.spec.outputBranch !== spec.outputBranch) {
    await tx.branches.set(outputOf(before), { inputs: [] })
  }
  if (before.state === 'stopped') return before.key
  await connect(tx, inspectPipeline(tx.db, before.key))
  // Equal inputs wake nobody, but the new version has not run on them.
  await tx.branches.rerun({ repo: before.key, branch: spec.outputBranch })
  return before.key
}

async function stop(tx: StoreTx, ref: PipelineRef): Promise<RepoKey> {
  const pipeline = inspectPipeline(tx.db, ref)
  if (pipeline.state === 'stopped') return pipeline.key
  await killJobs(tx, jobsOf(tx, pipeline.key), 'the pipeline was stopped')
  setPipeline(tx, { ...pipeline, state: 'stopped' })
  await tx.branches.set(outputOf(pipeline), { inputs: [] })
  return pipeline.key
}

async function start(tx: StoreTx, ref: PipelineRef): Promise<RepoKey> {
  const pipeline = inspectPipeline(tx.db, ref)
  if (pipeline.state === 'running') return pipeline.key
  setPipeline(tx, { ...pipeline, state: 'running' })
  await connect(tx, pipeline)
  const output = outputOf(pipeline)
  const head = tx.branches.find(output)?.head
  // Stopping killed a job: its commit has the inputs of now and none of their results.
  const killed = head !== undefined && tx.commits.inspect({ repo: pipeline.key, id: head }).error
  if (typeof killed === 'string') await tx.branches.rerun(output)
  return pipeline.key
}

/** Gives the output branch its provenance; heads it was not computed from then cause one job. */
async function connect(tx: StoreTx, pipeline: PipelineInfo): Promise<void> {
  await tx.branches.set(outputOf(pipeline), { inputs: inputsOf(pipeline) })
}

async function rerun(tx: StoreTx, ref: PipelineRef, salt: string | undefined): Promise<CommitId> {
  const pipeline = inspectPipeline(tx.db, ref)
  if (salt !== undefined) setPipeline(tx, { ...pipeline, salt })
  const commit = await tx.branches.rerun(outputOf(pipeline))
  if (commit !== undefined) return commit.id
  throw new VarveError('COMMIT_NOT_FOUND', {
    what: `An input of pipeline "${ref}" has no commit yet, so there is nothing to run on.`,
  })
}

async function remove(tx: StoreTx, ref: PipelineRef, options: PipelineRemoval): Promise<void> {
  const { keepRepo = false, force = false } = options
  const pipeline = inspectPipeline(tx.db, ref)
  refuseRead(tx, ref, options)
  await killJobs(tx, jobsOf(tx, pipeline.key), 'the pipeline was deleted')
  emit(tx, { op: 'pipeline.delete', key: pipeline.key })
  if (keepRepo) await tx.branches.set(outputOf(pipeline), { inputs: [] })
  else await tx.repos.delete(pipeline.key, { force })
}

/** A stopped pipeline reads what it will read again; a branch may have been given provenance by hand. */
function refuseRead(
  { db, branches }: Pick<StoreTx, 'db' | 'branches'>,
  ref: PipelineRef,
  { keepRepo = false, force = false }: PipelineRemoval,
): void {
  const { key } = inspectPipeline(db, ref)
  if (keepRepo || force) return
  const reading = [
    ...listPipelines(db).filter(({ sources }) => sources.some(({ repo }) => repo === key)),
    ...branches
      .list()
      .filter(({ inputs }) => inputs.some(({ repo }) => repo === key))
      .map(({ repo }) => ({ key: repo })),
  ]
  const readers = new Set(reading.map((each) => each.key).filter((each) => each !== key))
  if (readers.size === 0) return
  throw new VarveError('IN_USE', {
    what: `Pipeline "${showRepo(key)}" is read by ${[...readers].map((reader) => showRepo(reader)).join(', ')}.`,
    data: { pipeline: key, readers: [...readers] },
  })
}

function setPipeline(tx: StoreTx, info: PipelineInfo | PipelineDoc): void {
  const { key, spec, version, state, salt, sources, createdAt, updatedAt } = info
  const pipeline = { key, spec, version, state, salt, sources, createdAt, updatedAt }
  emit(tx, { op: 'pipeline.set', pipeline })
}

function inputsOf({ spec, sources }: PipelineInfo): BranchInput[] {
  const inputs = new Map<string, BranchInput>()
  leafInputs(spec.input).forEach((leaf, place) => {
    const source = sources[place]
    if (source === undefined) return
    const { repo, branch } = source
    const name = `${repo}@${branch}`
    const quiet = isQuiet(leaf) && (inputs.get(name)?.quiet ?? true)
    inputs.set(name, { repo, branch, quiet })
  })
  return [...inputs.values()]
}

const isQuiet = (leaf: LeafInput): boolean => leaf.kind === 'pfs' && !leaf.propagate

const keyOf = (spec: PipelineSpec): RepoKey => pipelineKey(`${spec.project}/${spec.name}`)

const outputOf = ({ key, spec }: PipelineInfo) => ({ repo: key, branch: spec.outputBranch })

const jobsOf = (tx: StoreTx, key: RepoKey) =>
  openJobs(tx.db).filter(({ pipeline }) => pipeline === key)

/** As it comes back from the catalog: JSON drops what is undefined. */
const plain = (spec: PipelineSpec): PipelineSpec => JSON.parse(JSON.stringify(spec)) as PipelineSpec

function exists(kind: 'pipeline' | 'repo', key: RepoKey): VarveError {
  return new VarveError('ALREADY_EXISTS', {
    what: `A ${kind} "${key}" exists already.`,
    data: { [kind]: key },
  })
}
