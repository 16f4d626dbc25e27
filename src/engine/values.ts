import type { CommitId } from '../model/index.ts'
import type { PipelineSpec } from '../pipelines/index.ts'
import type { JobInfo, JobState, PipelineInfo } from '../jobs/index.ts'
import type { CommitOrigin, RepoKey, RepoType } from '../repos/index.ts'

/** `read` never takes the writer lock and works while another process writes. */
export type OpenMode = 'read' | 'write'

/** The text of a spec file and what to call it in messages. */
export interface SpecSource {
  readonly file: string
  readonly text: string
}

/** What a spec file did, or would do, to one pipeline. */
export interface PipelineChange {
  readonly kind: 'create' | 'update' | 'unchanged'
  readonly pipeline: RepoKey
  readonly version: number
}

export interface PipelineChanges {
  readonly changes: readonly PipelineChange[]
  /** Fields that were accepted and have no meaning here. */
  readonly warnings: readonly string[]
  /** Of a dry run: the specs as they would be in effect. */
  readonly specs?: readonly PipelineSpec[]
}

export interface CheckedSpecs {
  readonly specs: readonly PipelineSpec[]
  readonly warnings: readonly string[]
}

export interface HistoryFilter {
  /** Without a repo: only commits of repos of this project. */
  readonly project?: string
  readonly limit?: number
  /** Only commits after this one. */
  readonly after?: string
  readonly origin?: CommitOrigin
  readonly types?: RepoType | 'all'
}

/** One line of what a datum's command printed. */
export interface LogLine {
  readonly pipeline: RepoKey
  readonly job: CommitId
  readonly datum: string
  /** Paths of the datum, as `/input/path`. */
  readonly paths: readonly string[]
  readonly text: string
}

export interface LogQuery {
  readonly pipeline?: string
  /** `pipeline@job`. */
  readonly job?: string
  readonly datum?: string
  /** Only datums that read all of these paths. */
  readonly inputs?: readonly string[]
  /** Only the last so many lines. */
  readonly tail?: number
  /** Only datums that ended at this time or later, ms since the epoch. */
  readonly since?: number
  readonly follow?: boolean
  readonly signal?: AbortSignal
}

/** The whole of a project at a glance. */
export interface Status {
  readonly directory: string
  /** Who writes now, when somebody does. */
  readonly writer: string | undefined
  readonly storeBytes: number
  readonly segments: number
  readonly repos: readonly {
    readonly repo: RepoKey
    readonly branch: string
    readonly head: CommitId
    readonly count: number
    readonly size: number
    readonly changedAt: number
  }[]
  readonly pipelines: readonly PipelineInfo[]
  readonly openCommits: readonly {
    readonly repo: RepoKey
    readonly branch: string
    readonly id: CommitId
  }[]
  /** Jobs a run would take up. */
  readonly dueJobs: readonly { readonly pipeline: RepoKey; readonly id: CommitId }[]
}

export type GraphNode =
  | { readonly kind: 'repo'; readonly key: RepoKey }
  | {
      readonly kind: 'pipeline'
      readonly key: RepoKey
      readonly state: 'running' | 'stopped'
      readonly lastJob: JobState | undefined
      /** What runs on each datum, in a few words. */
      readonly transform: string
    }

/** Repos and pipelines; an edge goes from what is read to the pipeline that reads it. */
export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly { readonly from: RepoKey; readonly to: RepoKey }[]
}

export interface RunRequest {
  /** Leaves everything resumable: the next run goes on with what was not finished. */
  readonly signal?: AbortSignal
  /** Goes on when nothing is left to do, running what new commits start, until the signal. */
  readonly watch?: boolean
}

export interface DueRequest {
  /** Jobs the last run left open: by themselves they are no reason to run again. */
  readonly left?: readonly JobInfo[]
  readonly signal?: AbortSignal
}

export interface WaitRequest {
  /** A commit, or the id of a commit set. */
  readonly commit?: string
  /** `pipeline@job`. */
  readonly job?: string
  readonly signal?: AbortSignal
}
