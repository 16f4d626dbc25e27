import type { CommitId, Digest } from '../../model/index.ts'
import type {
  BranchInfo,
  BranchInput,
  BranchKey,
  BranchTrigger,
  CommitInfo,
  CommitKey,
  CommitOrigin,
  CommitRef,
  CommitSet,
  ProjectInfo,
  RepoInfo,
  RepoRef,
  RepoType,
  TagInfo,
} from './values.ts'

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
  /** Removes a commit; children keep their content. `IN_USE` without finished children. */
  squash(commit: CommitRef, options?: { recursive?: boolean }): Promise<readonly CommitKey[]>
  /** As `squash`, for all commits of a set. */
  squashSet(id: CommitId, options?: { recursive?: boolean }): Promise<readonly CommitKey[]>
  /** Removes a head without children; branches fall back to its parent. */
  drop(commit: CommitRef, options?: { recursive?: boolean }): Promise<readonly CommitKey[]>
  /** As `drop`, for all commits of a set; `IN_USE` when one has children outside it. */
  dropSet(id: CommitId): Promise<readonly CommitKey[]>
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
