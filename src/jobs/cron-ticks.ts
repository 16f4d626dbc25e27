import { leafInputs, loadCron, type CronInput } from '../pipelines/index.ts'
import type { CommitInfo, RepoKey, Store, StoreTx } from '../repos/index.ts'
import type { Clock } from '../util/index.ts'
import { inspectPipeline, listPipelines } from './pipeline-catalog.ts'
import type { PipelineInfo, PipelineRef } from './types.ts'

/** A long stop must not become one endless transaction: the rest is caught up by the next call. */
const mostTicks = 1000

/** Ticks of cron inputs: each is one commit of one empty file named by its time (RFC 3339). */
export interface CronTicks {
  /** Commits every tick that is due, oldest first, one commit each. */
  tickDue(): Promise<readonly CommitInfo[]>
  /** `run cron`: ticks every cron input of a pipeline now, in one change. */
  tickNow(pipeline: PipelineRef): Promise<readonly CommitInfo[]>
  /** When the next tick is due, ms since the epoch; undefined without cron inputs. */
  nextDue(): Promise<number | undefined>
}

interface Ticker {
  readonly pipeline: PipelineInfo
  readonly leaf: CronInput
  readonly repo: RepoKey
}

export function openCronTicks(store: Store, clock: Clock): CronTicks {
  return {
    tickDue: async () => {
      const ticks: CommitInfo[] = []
      for (const ticker of tickers(store)) ticks.push(...(await catchUp(store, clock, ticker)))
      return ticks
    },
    tickNow: (ref) =>
      store.transact(async (tx) => {
        const pipeline = inspectPipeline(tx.db, ref)
        const ticks: CommitInfo[] = []
        for (const ticker of tickersOf(pipeline)) ticks.push(await tick(tx, ticker, tx.at))
        return ticks
      }),
    nextDue: async () => {
      const { nextTick } = await loadCron()
      const times: number[] = []
      for (const ticker of tickers(store)) {
        const next = nextTick(ticker.leaf.spec, await lastTick(store, ticker))
        if (next !== undefined) times.push(next)
      }
      return times.length === 0 ? undefined : Math.min(...times)
    },
  }
}

function tickers(store: Store): Ticker[] {
  return listPipelines(store.db)
    .filter(({ state }) => state === 'running')
    .flatMap(tickersOf)
}

function tickersOf(pipeline: PipelineInfo): Ticker[] {
  return leafInputs(pipeline.spec.input).flatMap((leaf, place) => {
    const source = pipeline.sources[place]
    return leaf.kind === 'cron' && source !== undefined
      ? [{ pipeline, leaf, repo: source.repo }]
      : []
  })
}

async function catchUp(store: Store, clock: Clock, ticker: Ticker): Promise<CommitInfo[]> {
  const afterMs = await lastTick(store, ticker)
  const times = { afterMs, untilMs: clock.now(), limit: mostTicks }
  const { ticksBetween } = await loadCron()
  const ticks: CommitInfo[] = []
  for (const at of ticksBetween(ticker.leaf.spec, times)) {
    ticks.push(await store.transact((tx) => tick(tx, ticker, at)))
  }
  return ticks
}

/**
 * Where ticking goes on from: the newest tick there is or, before the first one and after an update
 * that names a later one, the start.
 */
async function lastTick(store: Store, { pipeline, leaf, repo }: Ticker): Promise<number> {
  const newest = await newestTick(store, repo, leaf.branch)
  if (newest === undefined) return leaf.startMs ?? pipeline.createdAt
  return Math.max(newest, leaf.startMs ?? newest)
}

async function newestTick(
  store: Store,
  repo: RepoKey,
  branch: string,
): Promise<number | undefined> {
  if (store.branches.find({ repo, branch })?.head === undefined) return undefined
  let newest: number | undefined
  for await (const { path } of store.files.list({ repo, branch })) {
    const at = Date.parse(path)
    if (!Number.isNaN(at)) newest = Math.max(newest ?? at, at)
  }
  return newest
}

async function tick(tx: StoreTx, { leaf, repo }: Ticker, at: number): Promise<CommitInfo> {
  const branch = { repo, branch: leaf.branch }
  const { tickFileName } = await loadCron()
  const commit = await tx.commits.start(branch)
  if (leaf.overwrite) await tx.files.delete(commit, ['/'])
  await tx.files.put(commit, [{ kind: 'bytes', path: tickFileName(at), bytes: new Uint8Array() }])
  return tx.commits.finish(commit)
}
