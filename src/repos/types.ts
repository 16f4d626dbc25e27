import type { CommitId, Digest } from '../model/index.ts'
import type { SegmentStore } from '../segments/types.ts'
import type { NodeLoader, TreeChange, TreeEntry, TreeTotals } from '../tree/types.ts'
import type { Clock, Random } from '../util/index.ts'
import type { CatalogDb } from './catalog/catalog-db.ts'

// Names ---------------------------------------------------------------------------------------

export type RepoType = 'user' | 'meta' | 'spec'

/** `project/name`, or `project/name.meta` for a repo that is not of type user: the catalog's key. */
export type RepoKey = string & { readonly __brand: 'RepoKey' }

export interface BranchKey {
  readonly repo: RepoKey
  readonly branch: string
}

export interface CommitKey {
  readonly repo: RepoKey
  readonly id: CommitId
}

/** As users type it: `[project/]repo[.type]`. A `RepoKey` is one. */
export type RepoRef = string

/** As users type it: `repo@branch`, `repo@id`, `repo@branch=id`, with `^ ~ ^3 .n` behind; or a key. */
export type CommitRef = string | CommitKey | BranchKey

// Catalog values ------------------------------------------------------------------------------

export interface ProjectInfo {
  readonly name: string
  readonly description: string
  readonly createdAt: number
}

export interface RepoInfo {
  readonly repo: RepoKey
  readonly project: string
  readonly name: string
  readonly type: RepoType
  readonly description: string
  readonly createdAt: number
  /** The lane of segments its items are written to. */
  readonly lane: string
  readonly branches: readonly string[]
  /** Bytes of the default branch's head (`master`, else the oldest branch). */
  readonly size: number
}

/** Moves a branch to the head of another branch of its repo; whether it is due, `jobs` decides. */
export interface BranchTrigger {
  readonly branch: string
  /** Net growth in bytes since the trigger fired last. */
  readonly size?: number
  readonly commits?: number
  readonly rateLimit?: string
  readonly cron?: string
  /** All conditions instead of any. */
  readonly all?: boolean
}

/** One direct provenance edge of a branch. `quiet` edges (propagation_spec.never) wake nobody. */
export interface BranchInput extends BranchKey {
  readonly quiet?: boolean
}

export interface BranchInfo extends BranchKey {
  readonly head: CommitId | undefined
  /** Direct edges; the whole set is `branches.provenance`. */
  readonly inputs: readonly BranchInput[]
  readonly trigger: BranchTrigger | undefined
  readonly createdAt: number
}

export type CommitOrigin = 'USER' | 'AUTO' | 'FSCK'

export interface CommitInfo extends CommitKey {
  /** Order of creation in the whole store. */
  readonly sequence: number
  /** The branch it was made on. */
  readonly branch: string
  readonly parent: CommitId | undefined
  /** Second parent of a merge, in the same repo. */
  readonly merged: CommitId | undefined
  readonly origin: CommitOrigin
  readonly state: 'open' | 'finished'
  readonly message: string
  readonly startedAt: number
  readonly finishedAt: number | undefined
  /** Why a finished commit is not good; readers of its branch see the last good one instead. */
  readonly error: string | undefined
  /** Root of the file tree; of an open AUTO commit: its base's. */
  readonly files: Digest
  /** Root of the datums tree of an output commit. */
  readonly datums: Digest | undefined
  readonly size: number
  readonly count: number
  /** Direct provenance: the commits it was computed from. */
  readonly provenance: readonly CommitKey[]
}

export interface TagInfo extends CommitKey {
  readonly tag: string
}

/** What one change caused: every commit sharing one id, in order of creation. */
export interface CommitSet {
  readonly id: CommitId
  readonly commits: readonly CommitInfo[]
}

// The event-sourced catalog --------------------------------------------------------------------

/** One fact of a record. `op` names its kind (`branch.set`); everything else is plain JSON. */
export interface CatalogOp {
  readonly op: string
}

/**
 * How another room keeps its own tables in the catalog. `apply` MUST depend on the op, the record's
 * time and the tables alone, so that replaying the records gives the same tables.
 */
export interface CatalogReducer {
  readonly name: string
  /** Raise it when the tables change: the catalog is rebuilt from the records. */
  readonly version: number
  /** `CREATE TABLE ...` statements; table names are unique over all reducers. */
  readonly tables: string
  readonly ops: readonly string[]
  apply(db: CatalogDb, op: CatalogOp, record: { readonly at: number }): void
  /** Ops that, applied to empty tables, give the present ones: what a checkpoint writes. */
  snapshot(db: CatalogDb): Iterable<CatalogOp>
  /** What must survive garbage collection besides the trees of commits. */
  live?(db: CatalogDb): Iterable<LiveRoot>
}

/**
 * `files`: a file tree (its nodes and the items its values name); `nodes`: a tree whose values are
 * not items; `item`: one item.
 */
export interface LiveRoot {
  readonly kind: 'files' | 'nodes' | 'item'
  readonly digest: Digest
}

/**
 * What `jobs` adds to every transaction, in the same record. Called before the record is written,
 * after the caller's own work.
 */
export interface Propagation {
  /** Commits that finished without error in this transaction: triggers may move branches here. */
  finished?(tx: StoreTx, commits: readonly CommitInfo[]): void | Promise<void>
  /** AUTO commits just opened because a branch above moved; inputs come before what needs them. */
  created?(tx: StoreTx, commits: readonly CommitInfo[]): void | Promise<void>
  /** Commits that were dropped or squashed, or whose repo or branch was deleted. */
  removed?(tx: StoreTx, commits: readonly CommitKey[]): void | Promise<void>
}

/** A fact told after the change is durable. `data` is JSON; `subject` is `repo@id` and the like. */
export interface StoreEvent {
  readonly type: string
  readonly subject: string
  readonly at: number
  readonly data: Readonly<Record<string, unknown>>
}

// Nouns ---------------------------------------------------------------------------------------
// The same nouns exist on the store (each write is a transaction of its own) and inside a
// transaction (writes join it, reads see it). Reads of the catalog are synchronous.

export interface Projects {
  create(name: string, options?: { description?: string }): Promise<ProjectInfo>
  update(name: string, options: { description: string }): Promise<ProjectInfo>
  inspect(name: string): ProjectInfo
  list(): readonly ProjectInfo[]
  /** `IN_USE` while it has repos, unless forced. The project `default` stays. */
  delete(name: string, options?: { force?: boolean }): Promise<void>
}

export interface Repos {
  create(repo: RepoRef, options?: { description?: string }): Promise<RepoInfo>
  update(repo: RepoRef, options: { description: string }): Promise<RepoInfo>
  inspect(repo: RepoRef): RepoInfo
  exists(repo: RepoRef): boolean
  /** User repos only unless another type is asked for. */
  list(filter?: { project?: string; type?: RepoType | 'all' }): readonly RepoInfo[]
  /** `IN_USE` while a branch of another repo has provenance on it, unless forced. */
  delete(repo: RepoRef, options?: { force?: boolean }): Promise<void>
}

export interface Branches {
  /**
   * Creates a branch or changes an existing one: its head (any commit of the repo; moving it
   * re-propagates), its provenance (a DAG: `CYCLE`) and its trigger. What is left out stays.
   */
  set(branch: string | BranchKey, change?: BranchChange): Promise<BranchInfo>
  inspect(branch: string | BranchKey): BranchInfo
  find(branch: string | BranchKey): BranchInfo | undefined
  list(repo?: RepoRef): readonly BranchInfo[]
  /** `IN_USE` while another branch has provenance on it, unless forced. */
  delete(branch: string | BranchKey, options?: { force?: boolean }): Promise<void>
  /** All branches above, inputs first. */
  provenance(branch: string | BranchKey): readonly BranchKey[]
  /** All branches below, in topological order. */
  subvenance(branch: string | BranchKey): readonly BranchKey[]
  /**
   * Opens an AUTO commit on a branch with provenance although its inputs did not change (a pipeline
   * was updated, or is to be run again). Undefined when an input has no content yet.
   */
  rerun(branch: string | BranchKey): Promise<CommitInfo | undefined>
}

export interface BranchChange {
  readonly head?: CommitRef
  readonly inputs?: readonly BranchInput[]
  readonly trigger?: BranchTrigger
}

export interface Commits {
  /** Opens a USER commit on a branch (made if need be); `COMMIT_OPEN` while its head is open. */
  start(branch: string | BranchKey, options?: CommitStart): Promise<CommitInfo>
  finish(commit: CommitRef, options?: { message?: string; error?: string }): Promise<CommitInfo>
  /** Ends an output commit. With `error` its branch goes on showing the last good content. */
  finishAuto(result: AutoResult): Promise<CommitInfo>
  /** The commit a reference names, whatever its state. */
  inspect(commit: CommitRef): CommitInfo
  find(commit: CommitRef): CommitInfo | undefined
  /** Newest first. */
  list(filter?: CommitFilter): readonly CommitInfo[]
  children(commit: CommitRef): readonly CommitInfo[]
  /** All commits it was computed from / all computed from it, inputs first. */
  provenance(commit: CommitRef): readonly CommitInfo[]
  subvenance(commit: CommitRef): readonly CommitInfo[]
  /** Nearest ancestor (not itself) that finished without error. */
  lastGood(commit: CommitRef): CommitInfo | undefined
  /** Commits of a branch that changed a path (or anything below it), newest first. */
  touching(commit: CommitRef, path: string, limit?: number): Promise<readonly CommitInfo[]>
  set(id: CommitId): CommitSet
  sets(limit?: number): readonly CommitSet[]
  /** Removes a set; children keep their content. `IN_USE` without finished children. */
  squash(id: CommitId, options?: { recursive?: boolean }): Promise<readonly CommitKey[]>
  /** Removes a head without children; branches fall back to its parent. */
  drop(commit: CommitRef, options?: { recursive?: boolean }): Promise<readonly CommitKey[]>
}

export interface CommitStart {
  readonly message?: string
  readonly parent?: CommitRef
}

export interface CommitFilter {
  readonly repo?: RepoRef
  readonly branch?: string
  /** Walk the history from here down to (not including) `until`. */
  readonly from?: CommitRef
  readonly until?: CommitRef
  readonly origin?: CommitOrigin
  readonly types?: RepoType | 'all'
  readonly limit?: number
}

export interface AutoResult {
  readonly commit: CommitKey
  /** Root of the files; the base's (last good ancestor's) when left out. */
  readonly files?: Digest
  readonly datums?: Digest
  readonly error?: string
  readonly message?: string
}

export interface Tags {
  set(tag: string, commit: CommitRef): Promise<TagInfo>
  list(repo?: RepoRef): readonly TagInfo[]
  delete(repo: RepoRef, tag: string): Promise<void>
}

// Files ---------------------------------------------------------------------------------------

export type FileInfo =
  | {
      readonly kind: 'file'
      readonly path: string
      readonly digest: Digest
      readonly size: number
      readonly executable: boolean
    }
  | {
      readonly kind: 'directory'
      readonly path: string
      readonly size: number
      readonly count: number
    }

/** One file to put; `path` is where it goes in the repo. */
export type FileSource =
  | {
      readonly kind: 'bytes'
      readonly path: string
      readonly bytes: Uint8Array
      readonly executable?: boolean
    }
  /** Opened once; what does not fit in memory is spooled to a temporary file. */
  | {
      readonly kind: 'stream'
      readonly path: string
      readonly open: () => AsyncIterable<Uint8Array>
    }
  /** A file of this machine. */
  | { readonly kind: 'local'; readonly path: string; readonly file: string }
  /** http(s) or file URL. */
  | { readonly kind: 'url'; readonly path: string; readonly url: string }

export type FileSources = Iterable<FileSource> | AsyncIterable<FileSource>

export interface WriteOptions {
  readonly message?: string
  /** Add to what the path holds instead of replacing it. */
  readonly append?: boolean
}

/** A path test that tells where to look: only paths beginning with `prefix` can match. */
export interface PathMatcher {
  readonly prefix: string
  matches(path: string): boolean
}

export interface FileDiff {
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly before?: FileInfo
  readonly after?: FileInfo
}

/** An edit of a file tree by digest, for those that have added the items themselves. */
export interface FileEdit {
  readonly path: string
  readonly file:
    | { readonly digest: Digest; readonly size: number; readonly executable?: boolean }
    | undefined
}

/**
 * Writes go to a branch (into its open commit, else a commit of their own, made and finished in one
 * record) or to an open commit by id; a finished commit answers `COMMIT_FINISHED`. Reads take any
 * commit; a branch whose head is errored or still being computed shows the last good one.
 */
export interface Files {
  put(target: CommitRef, sources: FileSources, options?: WriteOptions): Promise<CommitInfo>
  /** Files, and directories with all below. What is missing is no error; "/" empties. */
  delete(
    target: CommitRef,
    paths: readonly string[],
    options?: { message?: string },
  ): Promise<CommitInfo>
  /** A file or a directory from any commit of any repo; moves no bytes. */
  copy(
    target: CommitRef,
    from: CopySource,
    path: string,
    options?: WriteOptions,
  ): Promise<CommitInfo>
  edit(
    target: CommitRef,
    edits: readonly FileEdit[],
    options?: { message?: string },
  ): Promise<CommitInfo>

  read(commit: CommitRef, path: string): Promise<Uint8Array>
  stream(
    commit: CommitRef,
    path: string,
    range?: { start?: number; end?: number },
  ): AsyncIterable<Uint8Array>
  inspect(commit: CommitRef, path: string): Promise<FileInfo>
  find(commit: CommitRef, path: string): Promise<FileInfo | undefined>
  /** Direct children of a directory, directories with recursive sizes. */
  list(commit: CommitRef, path?: string): AsyncIterable<FileInfo>
  /** Every file below a path, in tree order. */
  walk(commit: CommitRef, path?: string): AsyncIterable<FileInfo>
  glob(commit: CommitRef, matcher: PathMatcher): AsyncIterable<FileInfo>
  /** From `before` (default: the parent of `after`) to `after`; changed directories included. */
  diff(after: CommitRef, before?: CommitRef, options?: DiffOptions): AsyncIterable<FileDiff>
  merge(into: string | BranchKey, from: CommitRef, options?: MergeOptions): Promise<MergeOutcome>
}

export interface CopySource {
  readonly commit: CommitRef
  readonly path: string
}

export interface DiffOptions {
  readonly path?: string
  /** Only direct children of `path`. */
  readonly shallow?: boolean
}

export interface MergeOptions {
  /** Which side wins where both changed a path; without it conflicts are reported and nothing changes. */
  readonly prefer?: 'ours' | 'theirs'
  readonly message?: string
}

export interface MergeConflict {
  readonly path: string
  readonly base?: FileInfo
  readonly ours?: FileInfo
  readonly theirs?: FileInfo
}

export type MergeOutcome =
  | { readonly kind: 'merged'; readonly commit: CommitInfo }
  | { readonly kind: 'up to date' }
  | { readonly kind: 'conflict'; readonly conflicts: readonly MergeConflict[] }

// Trees and items, for `jobs` and `materialize` ------------------------------------------------

export interface CommitTree {
  readonly root: Digest
  readonly loader: NodeLoader
}

export interface NewOutput {
  readonly path: string
  readonly bytes: Uint8Array
  readonly executable?: boolean
}

/** Low-level door for `jobs`: trees by root, items by digest. Nothing here makes a commit. */
export interface Content {
  readonly loader: NodeLoader
  /** Adds items to the repo's lane and answers edits that name them; durable with the next record. */
  addOutputs(repo: RepoRef, outputs: readonly NewOutput[]): Promise<readonly FileEdit[]>
  /** Same for one file of any size that lies on this machine's disk. */
  addLocalFile(repo: RepoRef, path: string, file: string): Promise<FileEdit>
  /** Root of a file tree after edits; `PATH_CONFLICT` with `data.conflicts`, the new nodes are stored. */
  editFiles(root: Digest, edits: readonly FileEdit[]): Promise<Digest>
  /** Root of any string-keyed tree after edits (the datums tree). `bytes` undefined deletes. */
  editTree(
    root: Digest,
    edits: readonly { key: string; bytes: Uint8Array | undefined }[],
  ): Promise<Digest>
  /** Files and bytes of a whole tree. */
  totals(root: Digest): Promise<TreeTotals>
  /** Values for keys of any tree, in the order asked. */
  entries(root: Digest, keys: readonly string[]): Promise<readonly (TreeEntry | undefined)[]>
  changes(before: Digest, after: Digest): AsyncIterable<TreeChange>
  scan(root: Digest, prefix: string): AsyncIterable<TreeEntry>
  /** Items by digest, whole, checked. */
  read(digests: readonly Digest[]): Promise<readonly Uint8Array[]>
  stream(digest: Digest, range?: { start?: number; end?: number }): AsyncIterable<Uint8Array>
  /** Reads the value of a file tree's entry. */
  fileOf(entry: TreeEntry): Extract<FileInfo, { kind: 'file' }>
}

// Transactions and the store -------------------------------------------------------------------

export interface Nouns {
  readonly projects: Projects
  readonly repos: Repos
  readonly branches: Branches
  readonly commits: Commits
  readonly tags: Tags
  readonly files: Files
}

/** A transaction: all its changes become one record and share one id, or none happen. */
export interface StoreTx extends Nouns {
  /** Tables as this transaction sees them. */
  readonly db: CatalogDb
  /** Time of the record, ms since the epoch. */
  readonly at: number
  /** The id every commit opened in this transaction gets. */
  readonly id: CommitId
  /** Adds an op of any registered kind and applies it at once. */
  emit(op: CatalogOp): void
  /** Told after the record is durable. */
  announce(event: Omit<StoreEvent, 'at'>): void
}

export interface Store extends Nouns {
  /** Tables as last committed. Read only. */
  readonly db: CatalogDb
  readonly content: Content
  readonly maintenance: Maintenance
  readonly batches: Batches
  /**
   * Runs one transaction; others wait. Adding items belongs before it. Never call the store's own
   * writes inside (use the transaction's): they would wait for ever.
   */
  transact<T>(work: (tx: StoreTx) => Promise<T> | T): Promise<T>
  /** Keeps garbage collection away while items are added that no record names yet. */
  adding<T>(work: () => Promise<T>): Promise<T>
  /** Resolves with the commit when it is finished; sees other processes by polling. */
  waitCommit(commit: CommitRef, options?: { signal?: AbortSignal }): Promise<CommitInfo>
  waitSet(id: CommitId, options?: { signal?: AbortSignal }): Promise<CommitSet>
  /** Finished commits of a branch, oldest first, then new ones as they finish. */
  subscribe(branch: string | BranchKey, options?: SubscribeOptions): AsyncIterable<CommitInfo>
  /** Resolves when the catalog may have changed (here or in another process). */
  changed(options?: { signal?: AbortSignal }): Promise<void>
  close(): Promise<void>
}

export interface SubscribeOptions {
  readonly signal?: AbortSignal
  /** Only commits made from now on. */
  readonly new?: boolean
  readonly from?: CommitId
}

/** Transactions gathered over several commands (`start transaction` ... `finish transaction`). */
export interface Batches {
  start(): Promise<BatchInfo>
  /** Adds a request; checked when the batch is finished. */
  add(id: string, request: BatchRequest): Promise<BatchInfo>
  finish(id: string): Promise<readonly CommitKey[]>
  inspect(id: string): BatchInfo
  list(): readonly BatchInfo[]
  delete(id: string): Promise<void>
}

export type BatchRequest =
  | { readonly kind: 'repo.create'; readonly repo: RepoRef; readonly description?: string }
  | { readonly kind: 'repo.delete'; readonly repo: RepoRef; readonly force?: boolean }
  | { readonly kind: 'branch.set'; readonly branch: string; readonly change?: BranchChange }
  | { readonly kind: 'branch.delete'; readonly branch: string; readonly force?: boolean }
  | { readonly kind: 'commit.start'; readonly branch: string; readonly message?: string }
  | { readonly kind: 'commit.finish'; readonly commit: string; readonly message?: string }
  | { readonly kind: 'commit.squash'; readonly id: CommitId; readonly recursive?: boolean }

export interface BatchInfo {
  readonly id: string
  readonly startedAt: number
  readonly requests: readonly BatchRequest[]
}

// Maintenance ---------------------------------------------------------------------------------

export interface Maintenance {
  /** Walks refs, commits, trees and items; with `readData` every byte is hashed. Changes nothing. */
  fsck(options?: { readData?: boolean }): Promise<FsckReport>
  /** Empties the catalog tables and replays every record. The item index is rebuilt by segments. */
  reindex(): Promise<{ readonly records: number }>
  gc(options?: { dryRun?: boolean }): Promise<GcReport>
}

export interface FsckFault {
  readonly kind:
    | 'head missing'
    | 'parent missing'
    | 'provenance missing'
    | 'node missing'
    | 'node damaged'
    | 'item missing'
    | 'item damaged'
    | 'size wrong'
    | 'segment damaged'
  readonly subject: string
  readonly what: string
}

export interface FsckReport {
  readonly faults: readonly FsckFault[]
  readonly commits: number
  readonly nodes: number
  readonly items: number
  readonly bytes: number
}

export interface GcReport {
  readonly dryRun: boolean
  readonly liveItems: number
  readonly liveBytes: number
  readonly deadItems: number
  readonly deadBytes: number
  /** Bytes given back to the disk (or that would be). */
  readonly freedBytes: number
}

// Opening -------------------------------------------------------------------------------------

/** Everything a store needs from outside. The caller opens `segments` and holds the writer's lock. */
export interface StoreOptions {
  readonly segments: SegmentStore
  /**
   * The catalog's SQLite file (`.varve/catalog.sqlite`), a cache: built from the records when it is
   * missing, older than the reducers or damaged. Apart from the item index, because a catalog
   * transaction stays open while segments publish to theirs.
   */
  readonly catalogFile: string
  readonly clock: Clock
  readonly random: Random
  /** Other rooms' tables, applied in this order after our own. */
  readonly reducers?: readonly CatalogReducer[]
  readonly propagation?: Propagation
  /** Facts of each transaction, after it is durable. Must not throw. */
  readonly listener?: (events: readonly StoreEvent[]) => void
  /** Opens a URL's bytes; plain `fetch` when left out. */
  readonly fetch?: (url: string) => AsyncIterable<Uint8Array>
  /** Where large streams are spooled to; the system's folder for such things if left out. */
  readonly temporaryDirectory?: string
  /** Reads only: writes are refused and records are not replayed into the file. */
  readonly readOnly?: boolean
}
