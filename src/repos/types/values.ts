import type { CommitId, Digest } from '../../model/index.ts'

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
