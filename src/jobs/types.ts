import type { CommitId, Digest } from '../model/index.ts'
import type { ChangedInput, DatumInput, PipelineSpec } from '../pipelines/index.ts'
import type { CommitKey, RepoKey } from '../repos/index.ts'

// Pipelines -----------------------------------------------------------------------------------

/** As users type it: `[project/]pipeline`. */
export type PipelineRef = string

/** Where one leaf of a pipeline's input reads. `branch` is the trigger branch where there is one. */
export interface PipelineSource {
  readonly input: string
  readonly repo: RepoKey
  readonly branch: string
}

export interface PipelineInfo {
  /** `project/name`: also the key of its output repo. */
  readonly key: RepoKey
  readonly spec: PipelineSpec
  /** Grows by one with every update. */
  readonly version: number
  readonly state: 'running' | 'stopped'
  /** Part of the fingerprint; a new one (`reprocess`) makes every datum run again. */
  readonly salt: string
  readonly sources: readonly PipelineSource[]
  readonly createdAt: number
  readonly updatedAt: number
  /** State of the newest job, for lists. */
  readonly lastJob: JobState | undefined
}

// Jobs ----------------------------------------------------------------------------------------

export type JobState =
  | 'created'
  | 'running'
  | 'egressing'
  | 'finishing'
  | 'success'
  | 'failure'
  | 'killed'
  | 'unrunnable'

/** Datums of a job. `cached` are part of `processed`; `skipped` are unchanged against the base. */
export interface JobCounters {
  readonly processed: number
  readonly skipped: number
  readonly cached: number
  readonly recovered: number
  readonly failed: number
  readonly total: number
}

/** The commit one leaf of the input reads in this job. */
export interface JobInput {
  readonly input: string
  readonly repo: RepoKey
  readonly branch: string
  readonly id: CommitId
}

export interface JobInfo {
  readonly pipeline: RepoKey
  /** The id of the job set; the output commit is `(pipeline, id)`. */
  readonly id: CommitId
  /** Version of the pipeline it runs. */
  readonly version: number
  readonly state: JobState
  /** One sentence: why it failed, could not run, or had nothing to do. */
  readonly reason: string | undefined
  readonly inputs: readonly JobInput[]
  readonly counters: JobCounters
  readonly createdAt: number
  readonly startedAt: number | undefined
  readonly finishedAt: number | undefined
  /** When a later run took it up last; undefined when one run did all. */
  readonly resumedAt?: number
  /** Between its start and its end nothing worked on it for so long, ms. */
  readonly idleMs?: number
  /** What decided whether results of the base could be kept; set when the job started. */
  readonly code: CodeRecord | undefined
  /** The job whose results it started from. */
  readonly base: CommitId | undefined
}

/** Fingerprints a job ran under: digests of each part, so that a rerun can name what changed. */
export interface CodeRecord {
  /** Of everything below except `input`. */
  readonly fingerprint: Digest
  /** Field of the transform (or `salt`) to a digest of its value. */
  readonly parts: Readonly<Record<string, string>>
  /** Of the input as declared: another shape means another list of datums. */
  readonly input: Digest
}

export type JobRef = string | { readonly pipeline: RepoKey; readonly id: CommitId }

export interface JobFilter {
  readonly pipeline?: PipelineRef
  readonly id?: CommitId
  readonly states?: readonly JobState[]
  /** Only jobs that read all of these commits. */
  readonly inputs?: readonly CommitKey[]
  readonly limit?: number
}

// Datums --------------------------------------------------------------------------------------

/** `starting`: planned by a job that has not ended, and not done yet. */
export type DatumState = 'success' | 'failed' | 'recovered' | 'skipped' | 'starting'

/** Why a datum ran in the job that ran it. */
export type RunReason =
  | { readonly kind: 'new' }
  | { readonly kind: 'input changed'; readonly inputs: readonly ChangedInput[] }
  | { readonly kind: 'code changed'; readonly fields: readonly string[] }
  | { readonly kind: 'no base' }
  | { readonly kind: 'every job' }
  | { readonly kind: 'not done'; readonly state: 'failed' | 'recovered' }

export interface DatumOutput {
  readonly path: string
  readonly digest: Digest
  readonly size: number
  readonly executable?: boolean
}

export interface DatumInfo {
  readonly id: Digest
  readonly pipeline: RepoKey
  readonly job: CommitId
  /** `skipped` when an earlier job ran it and this one kept the result. */
  readonly state: DatumState
  /** The job that ran it. */
  readonly ranIn: CommitId
  readonly reason: RunReason
  /** Outputs came from the datum cache. */
  readonly cached: boolean
  readonly inputs: readonly DatumInput[]
  readonly outputs: readonly DatumOutput[]
  readonly tries: number
  /** Undefined before it ran. */
  readonly startedAt: number | undefined
  readonly wallMs: number
  /** Why it failed. */
  readonly message: string | undefined
  readonly log: Digest | undefined
  readonly fingerprint: Digest
}

// Running -------------------------------------------------------------------------------------

/** What `run` tells while it goes on. Hints for people; the catalog is the truth. */
export type RunEvent =
  | { readonly type: 'job.started'; readonly job: JobInfo }
  /** Counters as they are now; `planned` is true once all datums are known. */
  | { readonly type: 'job.progress'; readonly job: JobInfo; readonly planned: boolean }
  | { readonly type: 'job.finished'; readonly job: JobInfo }
  | {
      readonly type: 'datum.failed'
      readonly job: JobInfo
      readonly datum: Digest
      readonly message: string
    }
  | { readonly type: 'warning'; readonly message: string }

export interface RunOptions {
  /** Stop when nothing is left to do (default), or when the jobs of one set are done. */
  readonly until?: 'idle' | { readonly set: CommitId } | { readonly job: JobRef }
  /** Leaves everything resumable: the next run goes on with what was not finished. */
  readonly signal?: AbortSignal
}

// Explaining ----------------------------------------------------------------------------------

/** What a job would do, without doing it. */
export interface JobPlan {
  readonly job: JobInfo
  /** `waiting`: an input is not computed yet, so its datums are not known. */
  readonly kind: 'nothing to do' | 'some' | 'all' | 'waiting' | 'unrunnable'
  /** One sentence: against which base, and why all run if they do. */
  readonly why: string
  readonly run: number
  readonly skip: number
  readonly remove: number
  /** Of those to run: results the cache has. */
  readonly cached: number
  /** The first so many, with their reasons. */
  readonly samples: readonly PlannedDatum[]
}

export interface PlannedDatum {
  readonly id: Digest
  readonly paths: readonly string[]
  /** `cached`: it is to run, and the cache has its result. */
  readonly action: 'run' | 'cached' | 'remove'
  readonly reason: RunReason | undefined
}

/** An answer of `why`: one line for the point, and the facts behind it in order. */
export interface Explanation {
  readonly summary: string
  readonly facts: readonly string[]
  readonly data: Readonly<Record<string, unknown>>
}
