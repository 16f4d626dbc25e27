import type { Digest } from '../model/index.ts'
import { datumCacheKey } from '../pipelines/index.ts'
import type { Store } from '../repos/index.ts'
import type { CodeFacts } from './fingerprint.ts'
import { findCached } from './cache-table.ts'
import { openJobs } from './job-catalog.ts'
import type { JobSetup } from './job-base.ts'
import { planJob, type JobWork } from './plan-job.ts'
import { usesCache } from './result-log.ts'
import { readinessOf } from './settle-jobs.ts'
import { unreachable } from '../util/index.ts'
import type { JobInfo, JobPlan, PlannedDatum } from './types.ts'

const nothing = { run: 0, skip: 0, remove: 0, cached: 0, samples: [] }

export interface PlanOptions {
  /** How many datums of each job to show with their reasons. */
  readonly samples?: number
}

/** What `run` would do to each unfinished job, in order. Reads only. */
export async function* planJobs(
  store: Store,
  facts: CodeFacts,
  { samples = 10 }: PlanOptions = {},
): AsyncIterable<JobPlan> {
  const planned = new Set<string>()
  for (const job of openJobs(store.db)) {
    yield planned.has(job.pipeline)
      ? { job, kind: 'waiting', why: 'an earlier job of this pipeline goes first', ...nothing }
      : await planOne(store, { job, facts, samples })
    planned.add(job.pipeline)
  }
}

async function planOne(
  store: Store,
  { job, facts, samples }: { job: JobInfo; facts: CodeFacts; samples: number },
): Promise<JobPlan> {
  const ready = readinessOf(store, job, facts)
  switch (ready.kind) {
    case 'waiting':
      return { job, kind: 'waiting', why: 'an input is not computed yet', ...nothing }
    case 'unrunnable':
    case 'broken':
      return { job, kind: 'unrunnable', why: ready.reason, ...nothing }
    case 'same': {
      const { reuse } = ready.setup
      const skip = reuse.kind === 'nothing' ? 0 : reuse.base.job.counters.total
      return { job, kind: 'nothing to do', ...nothing, why: reuse.why, skip }
    }
    case 'work':
      return countWork(store, ready.setup, samples)
    default:
      return unreachable(ready)
  }
}

async function countWork(store: Store, setup: JobSetup, most: number): Promise<JobPlan> {
  const { job, reuse } = setup
  const counts = { run: 0, remove: 0, cached: 0, keep: 0, rerun: 0 }
  const samples: PlannedDatum[] = []
  for await (const part of planJob({ content: store.content, commits: store.commits }, setup)) {
    counts.run += part.run.length
    counts.remove += part.gone
    counts.rerun += part.remove.length - part.gone
    counts.keep += part.keep.length
    const cached = cachedOf(store, setup, part)
    counts.cached += cached.size
    samples.push(...samplesOf(part, cached).slice(0, most - samples.length))
  }
  const before = reuse.kind === 'changes' ? reuse.base.job.counters.total : counts.keep
  const skip = reuse.kind === 'changes' ? before - counts.remove - counts.rerun : before
  const kind = counts.run === 0 ? 'nothing to do' : skip === 0 ? 'all' : 'some'
  const { run, remove, cached } = counts
  return { job, kind, why: reuse.why, run, skip, remove, cached, samples }
}

/** Ids of the datums whose results the cache has. */
function cachedOf(store: Store, setup: JobSetup, { run }: JobWork): ReadonlySet<Digest> {
  if (!usesCache(setup)) return new Set()
  const keys = run.map(({ datum }) => datumCacheKey(setup.code.fingerprint, datum.inputs))
  const found = findCached(store.db, keys)
  const hits = run.filter((_, place) => found[place] !== undefined)
  return new Set(hits.map(({ datum }) => datum.id))
}

function samplesOf({ run, remove, gone }: JobWork, cached: ReadonlySet<Digest>): PlannedDatum[] {
  const ran = run.map(({ datum, why }): PlannedDatum => {
    const paths = datum.inputs.map(({ name, path }) => `/${name}/${path}`)
    return { id: datum.id, paths, action: cached.has(datum.id) ? 'cached' : 'run', reason: why }
  })
  const running = new Set(run.map(({ datum }) => datum.id))
  const left = gone === 0 ? [] : remove.filter((id) => !running.has(id))
  return [
    ...ran,
    ...left.map((id): PlannedDatum => ({ id, paths: [], action: 'remove', reason: undefined })),
  ]
}
