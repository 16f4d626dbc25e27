import { VarveError } from '../model/index.ts'
import { jobsPropagation, loadControl, type JobInfo } from '../jobs/index.ts'
import { openStore, type Store } from '../repos/index.ts'
import { openSegmentStore } from '../segments/index.ts'
import { DiskObjects } from '../storage/index.ts'
import { systemClock, systemRandom, type Clock, type Random } from '../util/index.ts'
import { EventFeed } from './event-feed.ts'
import { datumNouns, jobNouns } from './job-nouns.ts'
import type { Machinery } from './machinery.ts'
import { pipelineNouns } from './pipeline-nouns.ts'
import {
  checkFormat,
  findProject,
  hasStore,
  makeStore,
  sweepScratch,
  type ProjectFolder,
} from './project-folder.ts'
import { reducers } from './reducers.ts'
import { Runtime } from './runtime.ts'
import { openSecrets } from './secrets.ts'
import { openSettings } from './settings.ts'
import type { OpenMode } from './values.ts'
import { Varve } from './varve.ts'
import { checkWriteAccess } from './write-access.ts'

export interface OpenOptions {
  /** A folder of the project or below it; the working folder when left out. */
  readonly dir?: string
  /** `write` (default) takes the writer lock, `read` never does. */
  readonly mode?: OpenMode
  /**
   * A writer that soon closes the project again says so: commands of other processes wait for it
   * instead of being refused.
   */
  readonly givesWay?: boolean
  /** Hears, in a sentence, what was mended without being asked: a damaged index, say. */
  readonly notice?: (what: string) => void
  readonly clock?: Clock
  readonly random?: Random
}

/**
 * Opens the project a folder belongs to. Close it when done (`await using` does).
 *
 *     const varve = await openVarve({ dir: 'my-project' })
 *
 * @throws PROJECT_NOT_FOUND, STORE_LOCKED naming the owner, STORE_DAMAGED, FORMAT_TOO_NEW
 */
export async function openVarve(options: OpenOptions = {}): Promise<Varve> {
  const folder = findProject(options.dir ?? process.cwd())
  const mode = options.mode ?? 'write'
  if (!hasStore(folder)) {
    if (mode === 'read') throw nothingApplied(folder)
    makeStore(folder)
  }
  checkFormat(folder)
  if (mode === 'write') checkWriteAccess(folder)
  return new Varve(await openMachinery(folder, { ...options, mode }))
}

/** The composition root: the one place that names adapters. */
async function openMachinery(
  folder: ProjectFolder,
  options: OpenOptions & { readonly mode: OpenMode },
): Promise<Machinery> {
  const { mode, clock = systemClock, random = systemRandom } = options
  const { objects, segments, store, runtime, feed } = await openParts(folder, options)
  const { bus, jobs } = runtime
  const prepare = (): Promise<void> => runtime.prepare('plan')
  const askToStop = async (job: JobInfo): Promise<void> => {
    const { factMaker } = await import('../events/index.ts')
    const { requestStop } = await loadControl()
    await requestStop(bus, factMaker('/command', clock, random), job)
  }
  return {
    mode,
    folder,
    clock,
    random,
    objects,
    store,
    bus,
    pipelines: pipelineNouns(jobs, store.repos, (specs) => runtime.operators.check(specs)),
    jobs: jobNouns({
      jobs,
      store,
      askToStop: mode === 'read' ? askToStop : undefined,
      prepare,
    }),
    datums: datumNouns({ jobs, store, prepare }),
    ingest: async () =>
      (await import('./ingest.ts')).ingestNouns({ folder, store, bus, clock, random }),
    materializer: async () =>
      (await import('../materialize/index.ts')).openMaterializer({
        store,
        segments,
        clock,
        temporaryDirectory: folder.scratch,
      }),
    secrets: openSecrets(folder, clock),
    settings: openSettings(folder),
    ...running(runtime, store),
    trimCache: (limits) => jobs.trimCache(limits),
    why: async (thing, datum) =>
      (await import('./explain.ts')).explain({ jobs, store }, thing, datum),
    close: async () => {
      await feed.drain()
      await runtime.close()
      await store.close()
      await segments.close()
    },
  }
}

/** Segments, the catalog over them, and what runs on it, in the order they need each other. */
async function openParts(
  folder: ProjectFolder,
  options: OpenOptions & { readonly mode: OpenMode },
) {
  const { mode, notice = () => {}, givesWay = false } = options
  const { clock = systemClock, random = systemRandom } = options
  const objects = new DiskObjects(folder.store)
  const segments = await openSegmentStore({
    objects,
    indexPath: folder.index,
    mode,
    lockDirectory: folder.store,
    givesWay,
    notice,
    clock,
  })
  if (mode === 'write') sweepScratch(folder)
  const opened: { runtime?: Runtime } = {}
  const feed = new EventFeed(() => runtimeOf(opened).bus, clock, random)
  const store = await openStore({
    segments,
    catalogFile: folder.catalog,
    clock,
    random,
    reducers,
    propagation: jobsPropagation,
    listener: (events) => feed.take(events),
    temporaryDirectory: folder.scratch,
    readOnly: mode === 'read',
    notice,
  }).catch(async (error: unknown) => {
    await segments.close()
    throw error
  })
  const runtime = new Runtime({ folder, store, clock, random })
  opened.runtime = runtime
  return { objects, segments, store, runtime, feed }
}

/** Running loads with its first use. */
function running(runtime: Runtime, store: Store): Pick<Machinery, 'run' | 'waitFor' | 'untilDue'> {
  return {
    run: async function* (request) {
      const { runDueJobs } = await import('./run-due-jobs.ts')
      yield* runDueJobs(runtime, store, request)
    },
    waitFor: async function* (request) {
      const { waitForJobs } = await import('./run-due-jobs.ts')
      yield* waitForJobs(runtime, store, request)
    },
    untilDue: async (request) =>
      (await import('./run-due-jobs.ts')).untilDue(runtime, store, request),
  }
}

function runtimeOf({ runtime }: { runtime?: Runtime }): Runtime {
  if (runtime !== undefined) return runtime
  throw new Error('Bug in Varve, please report it: an event came before the store was open')
}

function nothingApplied(folder: ProjectFolder): VarveError {
  return new VarveError('PROJECT_NOT_FOUND', {
    what: `${folder.directory} has a varve.yaml and no store yet.`,
    next: 'Run `varve apply` to make what it declares.',
    data: { directory: folder.directory },
  })
}
