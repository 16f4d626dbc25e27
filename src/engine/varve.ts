import { existsSync } from 'node:fs'
import { isCommitId, VarveError, type CommitId } from '../model/index.ts'
import type { CacheLimits, CacheTrim, Explanation, JobPlan, RunEvent } from '../jobs/index.ts'
import { ingestedRepos } from '../ingest/index.ts'
import { compileGlob } from '../pipelines/index.ts'
import {
  folderSources,
  tarSources,
  type Batches,
  type Branches,
  type CommitInfo,
  type Commits,
  type FileInfo,
  type FileSource,
  type FsckReport,
  type GcReport,
  type Projects,
  type Rehearsal,
  type Repos,
  type Store,
  type Tags,
} from '../repos/index.ts'
import type { ApplyOptions, ApplyReport } from './apply.ts'
import type { Machinery } from './machinery.ts'
import type { ProvableFiles } from './file-proof.ts'
import type { DownloadReport, DownloadRequest } from './download/request.ts'
import type { IngestNouns } from './ingest.ts'
import type {
  MaterializeOptions,
  MaterializeReport,
  StreamedSample,
  StreamSamplesOptions,
  StreamTarOptions,
} from '../materialize/index.ts'
import { withCheckedTriggers } from './checked-triggers.ts'
import { graphOf } from './graph.ts'
import { historyOf } from './history.ts'
import type { DatumNouns, JobNouns } from './job-nouns.ts'
import type { PipelineNouns } from './pipeline-nouns.ts'
import { RepoHandle } from './repo-handle.ts'
import type { CommitPath, Saved } from './save-files.ts'
import type { Secrets } from './secrets.ts'
import type { Settings } from './settings.ts'
import type { Spooled } from './spool.ts'
import { statusOf } from './status.ts'
import type {
  DueRequest,
  Graph,
  HistoryFilter,
  LogLine,
  LogQuery,
  OpenMode,
  RunRequest,
  Status,
  WaitRequest,
} from './values.ts'

/** Limits of the datum cache: results whose jobs are gone and that nobody used for 30 days go. */
export type GcOptions = CacheLimits & { readonly dryRun?: boolean }

export interface GarbageReport extends GcReport {
  readonly cache: CacheTrim
}

const cacheAgeMs = 30 * 24 * 3600 * 1000

/** A glob instead of a matcher: `images/**.jpg`. */
type WithGlob<T> = Omit<T, 'match' | 'columnsOf'> & { readonly glob?: string }
export type MaterializeRequest = WithGlob<MaterializeOptions>
export type StreamTarRequest = WithGlob<StreamTarOptions>
export type StreamRequest = WithGlob<StreamSamplesOptions>

/**
 * An opened project: everything the command line does, typed. Reads of the catalog are synchronous;
 * each write is one transaction, durable when its promise resolves. Names are as users type them:
 * `[project/]repo`, `repo@branch`, `repo@id`, with `^ ~ .n` behind.
 */
export class Varve {
  readonly mode: OpenMode
  readonly directory: string
  readonly projects: Projects
  readonly repos: Repos
  readonly branches: Branches
  readonly commits: Commits
  readonly tags: Tags
  readonly files: ProvableFiles
  /** Transactions gathered over several commands. */
  readonly batches: Batches
  readonly pipelines: PipelineNouns
  readonly jobs: JobNouns
  readonly datums: DatumNouns
  readonly secrets: Secrets
  readonly settings: Settings
  readonly #store: Store
  readonly #machinery: Machinery

  /** @internal Use `openVarve`. */
  constructor(machinery: Machinery) {
    const { store, folder } = machinery
    this.#machinery = machinery
    this.#store = store
    this.mode = machinery.mode
    this.directory = folder.directory
    this.projects = store.projects
    this.repos = store.repos
    const { branches, batches } = withCheckedTriggers(store)
    this.branches = branches
    this.batches = batches
    this.commits = store.commits
    this.tags = store.tags
    this.files = {
      ...store.files,
      prove: async (commit, path) =>
        (await import('./file-proof.ts')).proveFile(store, commit, path),
    }
    this.pipelines = machinery.pipelines
    this.jobs = machinery.jobs
    this.datums = machinery.datums
    this.secrets = machinery.secrets
    this.settings = machinery.settings
  }

  /** One repo, for short programs: `varve.repo('images').commit(...)`. */
  repo(name: string): RepoHandle {
    return new RepoHandle(this.#store, name)
  }

  isCommitId(text: string): text is CommitId {
    return isCommitId(text)
  }

  /** Commits of a repo, of one branch, or of all, newest first. */
  history(
    of: { readonly repo: string; readonly branch: string | undefined } | undefined,
    filter: HistoryFilter = {},
  ): readonly CommitInfo[] {
    return historyOf(this.#store, of, filter)
  }

  // Files ---------------------------------------------------------------------------------------

  /** Files and directories a glob matches; `GLOB_INVALID`. */
  globFiles(commit: string, pattern: string): AsyncIterable<FileInfo> {
    return this.files.glob(commit, compileGlob(pattern))
  }

  /** A stream that can be read once, as a source for `files.put`. Dispose of it afterwards. */
  async spool(path: string, chunks: AsyncIterable<Uint8Array>): Promise<Spooled> {
    const { folder, random } = this.#machinery
    const { spool } = await import('./spool.ts')
    return spool(path, chunks, { scratch: folder.scratch, random })
  }

  /** The files below a folder of this machine, as sources for `files.put`. */
  folderSources(folder: string, prefix: string): Iterable<FileSource> {
    return folderSources(folder, prefix)
  }

  /** The files inside a TAR archive, gzipped or not. */
  async *archiveSources(archive: FileSource, prefix: string): AsyncIterable<FileSource> {
    const { bytesOf } = await import('./spool.ts')
    yield* tarSources(bytesOf(archive), prefix)
  }

  /** Writes one file of a commit to disk, from byte `start` on. */
  async saveFile(from: CommitPath, target: string, start = 0): Promise<Saved> {
    const { saveFile } = await import('./save-files.ts')
    return saveFile(this.files, from, { target, start })
  }

  /** Writes a folder of a commit to disk; `saw` hears how many files there are so far. */
  async saveFolder(
    from: CommitPath,
    target: string,
    saw?: (count: number) => void,
  ): Promise<Saved> {
    const { saveFolder } = await import('./save-files.ts')
    return saveFolder(this.files, from, { target, saw })
  }

  // Running -------------------------------------------------------------------------------------

  /** Runs what is due until nothing is left, telling what happens. Breaking off stops the run. */
  run(request: RunRequest = {}): AsyncIterable<RunEvent> {
    return this.#machinery.run(request)
  }

  /** Runs what a commit, a set or a job needs, and ends when it is finished. */
  waitFor(request: WaitRequest): AsyncIterable<RunEvent> {
    return this.#machinery.waitFor(request)
  }

  /** Resolves when `run` may find work. A project opened for reading waits without the lock. */
  async untilDue(request: DueRequest = {}): Promise<void> {
    return this.#machinery.untilDue(request)
  }

  /** Finished commits of a branch, oldest first, then new ones as they come. */
  async *subscribe(
    branch: string,
    options: { signal?: AbortSignal; new?: boolean; from?: string } = {},
  ): AsyncGenerator<CommitInfo> {
    const { from, ...rest } = options
    const start = from === undefined ? {} : { from: this.commits.inspect(at(branch, from)).id }
    try {
      yield* this.#store.subscribe(branch, { ...rest, ...start })
    } catch (error) {
      if (options.signal?.aborted !== true) throw error
    }
  }

  /** What the jobs that are due would do, without doing it. */
  async plan(query: { pipeline?: string; samples?: number } = {}): Promise<readonly JobPlan[]> {
    return this.jobs.plan(query)
  }

  /** Why a file, a job or a datum is as it is. */
  async why(thing: string, datum?: string): Promise<Explanation> {
    return this.#machinery.why(thing, datum)
  }

  logs(query: LogQuery): AsyncIterable<LogLine> {
    return this.jobs.logs(query)
  }

  /** Repos and pipelines and what flows from one to the other. */
  graph(project?: string): Graph {
    const filter = project === undefined ? {} : { project }
    return graphOf(this.repos.list(filter), this.pipelines.list(filter))
  }

  async status(): Promise<Status> {
    const { folder, objects } = this.#machinery
    const openJobs = this.jobs.list().filter(({ finishedAt }) => finishedAt === undefined)
    const pipelines = this.pipelines.list()
    return statusOf({ folder, objects, store: this.#store, pipelines, openJobs })
  }

  // Ingest --------------------------------------------------------------------------------------

  /** URL lists, the service that fetches them, and how each row ended. */
  async ingest(): Promise<IngestNouns> {
    return this.#machinery.ingest()
  }

  /** Whether a list may ever have been enqueued here: cheap to ask, for those who only look. */
  hasIngest(): boolean {
    return ingestedRepos(this.#store.db).length > 0 || existsSync(this.#machinery.folder.enqueued)
  }

  /** Fills a folder with the shards img2dataset would make of a list. */
  async download(request: DownloadRequest): Promise<DownloadReport> {
    const { download } = await import('./download/download.ts')
    const machinery = this.#machinery
    const [ingest, materializer] = await Promise.all([machinery.ingest(), machinery.materializer()])
    return download({ ...machinery, ingest, materializer }, request)
  }

  // For those who train -------------------------------------------------------------------------

  /** Writes a commit as shards, tables, files or a manifest, or goes on where that was stopped. */
  async materialize(request: MaterializeRequest): Promise<MaterializeReport> {
    const materializer = await this.#machinery.materializer()
    return materializer.materialize(withMatch(request))
  }

  /** The same of a branch, and again after commits of it have finished, until the signal aborts. */
  async *materializeEach(
    request: MaterializeRequest & { readonly commit: string },
  ): AsyncGenerator<MaterializeReport> {
    const { materializeEach } = await import('./materialize-each.ts')
    yield* materializeEach<typeof request>(this, request)
  }

  /** The samples of a commit as one TAR archive, in chunks. */
  async *streamTar(request: StreamTarRequest): AsyncGenerator<Uint8Array> {
    const materializer = await this.#machinery.materializer()
    yield* materializer.streamTar(withMatch(request))
  }

  /**
   * The samples of a commit for a trainer, shuffled by `seed`, split by `rank`, resumed exactly
   * after `position`.
   *
   *     for await (const { key, fields, position } of varve.stream({ commit: 'images@main' })) …
   */
  async *stream(request: StreamRequest): AsyncGenerator<StreamedSample> {
    const materializer = await this.#machinery.materializer()
    yield* materializer.streamSamples(withMatch(request))
  }

  // The project file ----------------------------------------------------------------------------

  /** Creates and updates what the project file declares. Applying twice changes nothing. */
  async apply(options: ApplyOptions = {}): Promise<ApplyReport> {
    const { applyProject } = await import('./apply.ts')
    return applyProject(this.#machinery, options)
  }

  /**
   * As a run begins: carries over what was edited in the project file, if there is one, and in its
   * folders since they were applied. What other commands changed since stays; warnings say so.
   */
  async applyIfPresent(): Promise<ApplyReport> {
    return this.apply({ ifPresent: true, keepChanged: true })
  }

  // The store -----------------------------------------------------------------------------------

  /** Checks refs, commits, trees and items; with `readData` every byte. */
  async fsck(options: { readData?: boolean } = {}): Promise<FsckReport> {
    return this.#store.maintenance.fsck(options)
  }

  /** Frees what nothing names, cached results that were not used for long among it. */
  async gc({ dryRun = false, ...limits }: GcOptions = {}): Promise<GarbageReport> {
    const { maxAgeMs = cacheAgeMs } = limits
    const cache = await this.#machinery.trimCache({ ...limits, maxAgeMs, dryRun })
    return { ...(await this.#store.maintenance.gc({ dryRun })), cache }
  }

  /** Answers or refuses as deletions would, each by what is there now; nothing is deleted. */
  async rehearse<T>(deletions: (tx: Rehearsal) => Promise<T>): Promise<T> {
    return this.#store.rehearse(deletions)
  }

  /** Deletes every pipeline and every repo. */
  async deleteAll(): Promise<void> {
    for (const { key } of this.pipelines.list()) await this.pipelines.delete(key, { force: true })
    for (const { repo } of this.repos.list({ type: 'all' })) {
      if (this.repos.exists(repo)) await this.repos.delete(repo, { force: true })
    }
  }

  async close(): Promise<void> {
    await this.#machinery.close()
  }

  /** For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** The id of a commit set as a checked value; `COMMIT_NOT_FOUND`. */
  commitId(text: string): CommitId {
    if (isCommitId(text)) return text
    throw new VarveError('COMMIT_NOT_FOUND', {
      what: `"${text}" is not the id of a commit set.`,
      next: 'Run `varve list commit`.',
      data: { id: text },
    })
  }
}

/** `--from X` means commit X of the branch's repo. */
function at(branch: string, commit: string): string {
  return commit.includes('@') ? commit : `${branch.slice(0, branch.indexOf('@'))}@${commit}`
}

function withMatch<T extends { readonly glob?: string }>({ glob, ...rest }: T) {
  return glob === undefined ? rest : { ...rest, match: compileGlob(glob) }
}
