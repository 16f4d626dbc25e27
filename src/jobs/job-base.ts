import { isDeepStrictEqual } from 'node:util'
import type { Digest } from '../model/index.ts'
import type { Nouns, CatalogDb, CommitInfo } from '../repos/index.ts'
import { findEgress } from './egress-table.ts'
import { changedParts, codeOf, type CodeFacts } from './fingerprint.ts'
import { findJob } from './job-catalog.ts'
import { inputCommits } from './job-inputs.ts'
import type { PipelineDoc } from './ops.ts'
import { pipelineVersion } from './pipeline-catalog.ts'
import type { CodeRecord, JobInfo } from './types.ts'

export type CatalogView = Pick<Nouns, 'commits'> & { readonly db: CatalogDb }

/** The job whose results a job starts from: that of the nearest good ancestor of its output. */
export interface JobBase {
  readonly job: JobInfo
  readonly code: CodeRecord
  readonly commit: CommitInfo
  readonly pipeline: PipelineDoc
  readonly files: Digest
  readonly datums: Digest
}

/**
 * What a job can keep of its base.
 * `same`: everything. `changes`: what its inputs' differences do not touch. `compare`: results of
 * equal datums, but all datums must be listed. `nothing`: all datums run.
 */
export type Reuse =
  | { readonly kind: 'same'; readonly base: JobBase; readonly why: string }
  | { readonly kind: 'changes'; readonly base: JobBase; readonly why: string }
  | { readonly kind: 'compare'; readonly base: JobBase; readonly why: string }
  | {
      readonly kind: 'nothing'
      readonly reason: 'no base' | 'code changed' | 'every job'
      readonly fields: readonly string[]
      readonly why: string
    }

export interface JobSetup {
  readonly job: JobInfo
  readonly pipeline: PipelineDoc
  readonly code: CodeRecord
  readonly reuse: Reuse
}

/** Decides from the catalog alone: no tree is read. Undefined when the pipeline version is gone. */
export function setUpJob(view: CatalogView, job: JobInfo, facts: CodeFacts): JobSetup | undefined {
  const pipeline = pipelineVersion(view.db, job.pipeline, job.version)
  if (pipeline === undefined) return undefined
  const code = codeOf(pipeline.spec, pipeline.salt, facts)
  return { job, pipeline, code, reuse: reuseOf(view, { job, pipeline, code }) }
}

function reuseOf(view: CatalogView, setup: Omit<JobSetup, 'reuse'>): Reuse {
  const { job, pipeline, code } = setup
  if (pipeline.spec.reprocessSpec === 'every_job') {
    const why = 'the spec says reprocess_spec: every_job'
    return { kind: 'nothing', reason: 'every job', fields: [], why }
  }
  const base = findBase(view, job)
  if (base === undefined) {
    const why = 'there is no earlier successful job'
    return { kind: 'nothing', reason: 'no base', fields: [], why }
  }
  const since = `since job ${base.job.id}`
  if (base.code.fingerprint !== code.fingerprint) {
    const fields = changedParts(base.code, code)
    const why = `the code changed ${since}: ${fields.join(', ')}`
    return { kind: 'nothing', reason: 'code changed', fields, why }
  }
  if (base.code.input !== code.input || !hasInputs(view, base.job)) {
    return { kind: 'compare', base, why: `the input of the spec changed ${since}` }
  }
  const { recovered, failed } = base.job.counters
  if (
    recovered + failed === 0 &&
    sameInputs(view, job, base.job) &&
    isHandedOver(view, base, pipeline)
  ) {
    return { kind: 'same', base, why: `neither inputs nor code changed ${since}` }
  }
  return { kind: 'changes', base, why: `compared with job ${base.job.id}` }
}

function findBase(view: CatalogView, job: JobInfo): JobBase | undefined {
  let commit = view.commits.lastGood({ repo: job.pipeline, id: job.id })
  while (commit !== undefined) {
    const found = baseOf(view, commit)
    if (found !== undefined) return found
    commit = view.commits.lastGood(commit)
  }
  return undefined
}

function baseOf(view: CatalogView, commit: CommitInfo): JobBase | undefined {
  if (commit.origin !== 'AUTO' || commit.datums === undefined) return undefined
  const job = findJob(view.db, commit.repo, commit.id)
  if (job?.state !== 'success' || job.code === undefined) return undefined
  const pipeline = pipelineVersion(view.db, job.pipeline, job.version)
  if (pipeline === undefined) return undefined
  const { files, datums } = commit
  return { job, code: job.code, commit, pipeline, files, datums }
}

const hasInputs = (view: CatalogView, job: JobInfo): boolean =>
  inputCommits(view, job).every((commit) => commit !== undefined)

/** A spec may name a new place for an output that is as it was. */
function isHandedOver(view: CatalogView, base: JobBase, { key, spec }: PipelineDoc): boolean {
  if (spec.egressUrl === undefined) return true
  const { done, begun } = findEgress(view.db, key, spec.egressUrl)
  return done === base.files && begun.length === 0
}

/** Equal trees under equal inputs, whatever the commits are called: early cut-off. */
function sameInputs(view: CatalogView, job: JobInfo, base: JobInfo): boolean {
  const rootsOf = (each: JobInfo) =>
    each.inputs.map(({ input, repo, branch, id }) => {
      return [input, repo, branch, view.commits.find({ repo, id })?.files]
    })
  return isDeepStrictEqual(rootsOf(job), rootsOf(base))
}
