import { VarveError } from '../model/index.ts'
import {
  pipelineKey,
  type DatumInfo,
  type DatumState,
  type JobInfo,
  type JobPlan,
  type JobState,
} from '../jobs/index.ts'
import { showRepo, type CommitKey, type RepoKey, type Store } from '../repos/index.ts'
import { findDatum } from './find-datum.ts'
import { findJob, type JobSources } from './find-job.ts'
import { readsAll } from './reads-all.ts'
import type { LogLine, LogQuery, SpecSource } from './values.ts'

export interface JobQuery {
  readonly pipeline?: string
  /** The id of a job set. */
  readonly id?: string
  /** For example `failure`; in one of several. */
  readonly state?: string | readonly string[]
  /** Only jobs that read this commit, as `repo@branch` or `repo@id`; of several: all of them. */
  readonly input?: string | readonly string[]
  /** Only jobs of pipelines of this project. */
  readonly project?: string
  readonly limit?: number
}

/** Jobs as users handle them: `pipeline@job`, `pipeline` (its newest) or `pipeline@branch`. */
export interface JobNouns {
  /** Newest first. */
  list(query?: JobQuery): readonly JobInfo[]
  inspect(job: string): JobInfo
  /** Kills a job that has not ended, also one that another process runs. */
  stop(job: string): Promise<JobInfo>
  /** Forgets a job and kills it when it runs; its output commit stays, without a reason to be. */
  delete(job: string): Promise<void>
  /** What the jobs that are due would do; `samples` of each datum list at most. */
  plan(query?: {
    readonly pipeline?: string
    readonly samples?: number
  }): Promise<readonly JobPlan[]>
  logs(query: LogQuery): AsyncIterable<LogLine>
}

export interface DatumQuery {
  /** `pipeline@job`, `pipeline` or `pipeline@branch`. */
  readonly job: string
  readonly state?: string
}

export interface DatumNouns {
  list(query: DatumQuery): AsyncIterable<DatumInfo>
  /** By its id or the start of it. */
  inspect(query: DatumQuery & { readonly datum: string }): Promise<DatumInfo>
  /** Datums the pipelines of a spec file would have now; nothing is created. */
  ofSpec(source: SpecSource, options?: { readonly project?: string }): AsyncIterable<SelectedDatum>
  /**
   * Makes datums of a job that has not ended run again, those that read all of the paths; answers
   * how many. `COMMIT_FINISHED` when it has, `DATUM_NOT_FOUND` when none reads them.
   */
  restart(query: DatumQuery & { readonly paths: readonly string[] }): Promise<number>
}

/** What an input selects, of a pipeline that is not created. */
export interface SelectedDatum {
  /** `project/name`, as it would be. */
  readonly pipeline: RepoKey
  readonly id: DatumInfo['id']
  readonly inputs: DatumInfo['inputs']
}

export interface JobParts extends JobSources {
  /** How another process is asked to stop a job; undefined when this process may write. */
  readonly askToStop: ((job: JobInfo) => Promise<void>) | undefined
  /** Loads what planning needs. */
  readonly prepare: () => Promise<void>
}

export function jobNouns({ jobs, store, askToStop, prepare }: JobParts): JobNouns {
  return {
    list: ({ pipeline, project, id, state, input, limit } = {}) => {
      if (pipeline !== undefined) jobs.pipelines.inspect(pipeline)
      const found = jobs.list({
        ...(pipeline === undefined ? {} : { pipeline }),
        ...(id === undefined ? {} : { id: setId(id) }),
        ...(state === undefined ? {} : { states: listed(state).map(jobState) }),
        ...(input === undefined
          ? {}
          : { inputs: listed(input).map((each) => commitKey(store, each)) }),
        ...(limit === undefined || project !== undefined ? {} : { limit }),
      })
      return project === undefined ? found : ofProject(found, project, limit)
    },
    inspect: (job) => findJob({ jobs, store }, job),
    stop: async (job) => {
      const info = findJob({ jobs, store }, job)
      if (askToStop === undefined) return jobs.stop(info)
      await askToStop(info)
      return info
    },
    delete: async (job) => jobs.delete(findJob({ jobs, store }, job)),
    plan: async ({ pipeline, samples } = {}) => {
      const key = pipeline === undefined ? undefined : jobs.pipelines.inspect(pipeline).key
      await prepare()
      const plans: JobPlan[] = []
      for await (const plan of jobs.plan(samples === undefined ? {} : { samples })) {
        if (key === undefined || plan.job.pipeline === key) plans.push(plan)
      }
      return plans
    },
    logs: async function* (query) {
      const { logLines } = await import('./log-lines.ts')
      yield* logLines({ jobs, store }, query)
    },
  }
}

/** `prepare` loads what planning needs: datums of a job that has not ended come from its plan. */
export function datumNouns(sources: JobSources & Pick<JobParts, 'prepare'>): DatumNouns {
  const { datums } = sources.jobs
  const find = async (job: string): Promise<JobInfo> => {
    const found = findJob(sources, job)
    if (found.finishedAt === undefined) await sources.prepare()
    return found
  }
  const nouns: DatumNouns = {
    list: async function* ({ job, state }) {
      const filter = state === undefined ? {} : { states: [datumState(state)] }
      yield* datums.list(await find(job), filter)
    },
    inspect: async ({ job, datum }) => findDatum(sources.jobs, await find(job), datum),
    ofSpec: async function* (source, options = {}) {
      const { readSpecSources } = await import('./read-specs.ts')
      const { specs } = await readSpecSources([source], options)
      for (const spec of specs) {
        const pipeline = pipelineKey(`${spec.project}/${spec.name}`)
        for await (const { id, inputs } of datums.ofSpec(spec)) yield { pipeline, id, inputs }
      }
    },
    restart: async ({ paths, ...query }) => {
      const ids: DatumInfo['id'][] = []
      for await (const datum of nouns.list(query)) if (readsAll(datum, paths)) ids.push(datum.id)
      const job = findJob(sources, query.job)
      if (ids.length === 0 && job.finishedAt === undefined) throw readsNone(job, paths)
      await datums.restart(job, ids)
      return ids.length
    },
  }
  return nouns
}

function listed(values: string | readonly string[]): readonly string[] {
  return typeof values === 'string' ? [values] : values
}

function ofProject(
  jobs: readonly JobInfo[],
  project: string,
  limit: number | undefined,
): readonly JobInfo[] {
  return jobs.filter(({ pipeline }) => pipeline.startsWith(`${project}/`)).slice(0, limit)
}

function readsNone({ pipeline, id }: JobInfo, paths: readonly string[]): VarveError {
  const job = `${showRepo(pipeline)}@${id}`
  return new VarveError('DATUM_NOT_FOUND', {
    what: `No datum of job ${job} reads ${paths.join(' and ')}.`,
    next: `Run \`varve list datum ${job}\` to see what they read.`,
    data: { job: `${pipeline}@${id}`, paths },
  })
}

const jobStates: readonly JobState[] = [
  'created',
  'running',
  'egressing',
  'finishing',
  'success',
  'failure',
  'killed',
  'unrunnable',
]

function jobState(text: string): JobState {
  return oneOf(jobStates, text, 'state of jobs')
}

function datumState(text: string): DatumState {
  return oneOf(['success', 'failed', 'recovered', 'skipped', 'starting'], text, 'state of datums')
}

function oneOf<T extends string>(known: readonly T[], text: string, what: string): T {
  const found = known.find((word) => word === text.toLowerCase())
  if (found !== undefined) return found
  throw new VarveError('USAGE', {
    what: `"${text}" is no ${what}.`,
    next: `Name one of ${known.join(', ')}.`,
    data: { known },
  })
}

function setId(text: string): CommitKey['id'] {
  if (/^[0-9a-f]{32}$/.test(text)) return text as CommitKey['id']
  throw new VarveError('JOB_NOT_FOUND', {
    what: `"${text}" is not the id of a job set.`,
    next: 'Run `varve list job`; for the jobs of one pipeline add -p PIPELINE.',
    data: { id: text },
  })
}

function commitKey(store: Store, reference: string): CommitKey {
  const { repo, id } = store.commits.inspect(reference)
  return { repo, id }
}
