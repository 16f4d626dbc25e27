import type { CommitId, Digest } from '../../model/index.ts'
import type { BatchRequest } from '../types/store.ts'
import type {
  BranchInput,
  BranchTrigger,
  CommitKey,
  CommitOrigin,
  RepoKey,
} from '../types/values.ts'

/** The facts this room writes; `docs/format/commit-and-ref.md` describes each field. */
export type RepoOp =
  | ProjectSet
  | { readonly op: 'project.delete'; readonly name: string }
  | RepoSet
  | { readonly op: 'repo.delete'; readonly repo: RepoKey }
  | BranchSet
  | BranchHead
  | { readonly op: 'branch.delete'; readonly repo: RepoKey; readonly branch: string }
  | CommitStarted
  | CommitContent
  | CommitFinish
  | { readonly op: 'commit.remove'; readonly repo: RepoKey; readonly id: CommitId }
  | TagSet
  | { readonly op: 'tag.delete'; readonly repo: RepoKey; readonly tag: string }
  | BatchSet
  | { readonly op: 'batch.delete'; readonly id: string }

interface ProjectSet {
  readonly op: 'project.set'
  readonly name: string
  readonly description: string
  readonly createdAt: number
}

interface RepoSet {
  readonly op: 'repo.set'
  readonly repo: RepoKey
  readonly description: string
  readonly lane: string
  readonly createdAt: number
}

interface BranchSet {
  readonly op: 'branch.set'
  readonly repo: RepoKey
  readonly branch: string
  readonly head: CommitId | null
  readonly inputs: readonly BranchInput[]
  readonly trigger: BranchTrigger | null
  readonly createdAt: number
}

interface BranchHead {
  readonly op: 'branch.head'
  readonly repo: RepoKey
  readonly branch: string
  readonly head: CommitId | null
}

interface CommitStarted {
  readonly op: 'commit.start'
  readonly repo: RepoKey
  readonly id: CommitId
  readonly sequence: number
  readonly branch: string
  readonly parent: CommitId | null
  readonly merged: CommitId | null
  readonly origin: CommitOrigin
  readonly message: string
  readonly startedAt: number
  readonly files: Digest
  readonly size: number
  readonly count: number
  readonly provenance: readonly CommitKey[]
}

/** New content of an open commit. */
interface CommitContent {
  readonly op: 'commit.content'
  readonly repo: RepoKey
  readonly id: CommitId
  readonly files: Digest
  readonly size: number
  readonly count: number
}

interface CommitFinish {
  readonly op: 'commit.finish'
  readonly repo: RepoKey
  readonly id: CommitId
  readonly finishedAt: number
  readonly message: string
  readonly error: string | null
  readonly files: Digest
  readonly datums: Digest | null
  readonly size: number
  readonly count: number
}

interface TagSet {
  readonly op: 'tag.set'
  readonly repo: RepoKey
  readonly tag: string
  readonly id: CommitId
}

interface BatchSet {
  readonly op: 'batch.set'
  readonly id: string
  readonly startedAt: number
  readonly requests: readonly BatchRequest[]
}
