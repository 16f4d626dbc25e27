import { VarveError, type CommitId } from '../model/index.ts'
import {
  showRepo,
  type BranchKey,
  type CommitInfo,
  type CommitKey,
  type Propagation,
  type RepoKey,
  type StoreTx,
} from '../repos/index.ts'
import { findJob } from './job-catalog.ts'
import { advance, isEnded, noDatums } from './job-state.ts'
import { emit } from './ops.ts'
import { findPipeline } from './pipeline-catalog.ts'
import { fireTriggers } from './triggers.ts'
import type { JobInfo, PipelineInfo } from './types.ts'

/**
 * Makes jobs part of the change that causes them: the record that finishes a commit also opens the
 * output commits below and creates their jobs, so that no crash can come between.
 */
export const jobsPropagation: Propagation = {
  written: refuseOutputs,
  deleted: refuseWithoutOutput,
  finished: fireTriggers,
  async created(tx, commits) {
    for (const commit of commits) {
      const pipeline = pipelineOf(tx, commit)
      if (pipeline !== undefined) createJob(tx, commit, pipeline)
      // A branch somebody gave provenance by hand: nothing runs, and nobody else would finish it.
      else await tx.commits.finishAuto({ commit })
    }
  },
  removed(tx, commits) {
    for (const commit of commits) removeJob(tx, commit)
  },
}

/** A stopped pipeline's output has no provenance that would refuse it, and is an output still. */
function refuseOutputs(tx: StoreTx, branches: readonly BranchKey[]): void {
  for (const { repo, branch } of branches) {
    const pipeline = findPipeline(tx.db, repo)
    if (branch !== pipeline?.spec.outputBranch) continue
    const { name } = pipeline.spec
    throw new VarveError('IN_USE', {
      what: `${showRepo(repo)}@${branch} is the output of pipeline "${name}", which is stopped; it cannot be written by hand.`,
      next: `Write to one of its inputs, or run \`varve delete pipeline ${name} --keep-repo\` first.`,
      data: { pipeline: pipeline.key, branch },
    })
  }
}

/** A pipeline without its output repo could never run again, and would not say so. */
function refuseWithoutOutput(tx: StoreTx, repo: RepoKey, { force }: { force: boolean }): void {
  const pipeline = findPipeline(tx.db, repo)
  if (pipeline === undefined) return
  const name = showRepo(pipeline.key)
  if (force) return emit(tx, { op: 'pipeline.delete', key: pipeline.key })
  throw new VarveError('IN_USE', {
    what: `${name} is the output of a pipeline and goes with it.`,
    next: `Run \`varve delete pipeline ${name}\`, or use --force, which deletes the pipeline too.`,
    data: { repo, pipeline: pipeline.key },
  })
}

/** The pipeline that computes a commit. */
function pipelineOf(tx: StoreTx, { repo, branch }: CommitInfo): PipelineInfo | undefined {
  const pipeline = findPipeline(tx.db, repo)
  return branch === pipeline?.spec.outputBranch ? pipeline : undefined
}

function createJob(tx: StoreTx, commit: CommitInfo, pipeline: PipelineInfo): void {
  if (findJob(tx.db, commit.repo, commit.id) !== undefined) return
  const job: JobInfo = {
    pipeline: pipeline.key,
    id: commit.id,
    version: pipeline.version,
    state: 'created',
    reason: undefined,
    inputs: inputsOf(tx, commit, pipeline),
    counters: noDatums,
    createdAt: tx.at,
    startedAt: undefined,
    finishedAt: undefined,
    code: undefined,
    base: undefined,
  }
  emitJob(tx, job)
  tx.announce({
    type: 'job.created',
    subject: `${job.pipeline}@${job.id}`,
    data: { pipeline: job.pipeline, job: job.id },
  })
}

/** Which commit each input reads: the output commit's provenance, told apart by branch. */
function inputsOf(tx: StoreTx, commit: CommitInfo, { sources }: PipelineInfo): JobInfo['inputs'] {
  return sources.flatMap(({ input, repo, branch }) => {
    const ids = commit.provenance.flatMap((from) => (from.repo === repo ? [from.id] : []))
    const id = ids.length > 1 ? (idOnBranch(tx, { repo, branch }, ids) ?? ids[0]) : ids[0]
    return id === undefined ? [] : [{ input, repo, branch, id }]
  })
}

function idOnBranch(tx: StoreTx, key: BranchKey, ids: readonly CommitId[]): CommitId | undefined {
  const head = tx.branches.find(key)?.head
  if (head === undefined || ids.includes(head)) return head
  const good = tx.commits.lastGood({ repo: key.repo, id: head })
  return ids.find((id) => id === good?.id)
}

function removeJob(tx: StoreTx, { repo, id }: CommitKey): void {
  if (findJob(tx.db, repo, id) === undefined) return
  emit(tx, { op: 'job.delete', pipeline: repo, id })
}

/** Ends every unfinished job of a pipeline as killed and finishes their output commits. */
export async function killJobs(
  tx: StoreTx,
  jobs: readonly JobInfo[],
  reason: string,
): Promise<void> {
  for (const job of jobs) {
    if (isEnded(job.state)) continue
    emitJob(tx, advance(job, { kind: 'end', at: tx.at, state: 'killed', reason }))
    await finishWithError(tx, job, reason)
  }
}

/** The commit of a job that made nothing; its branch goes on showing the last good content. */
export async function finishWithError(tx: StoreTx, job: JobInfo, error: string): Promise<void> {
  const commit = { repo: job.pipeline, id: job.id }
  if (tx.commits.find(commit)?.state === 'open') await tx.commits.finishAuto({ commit, error })
}

export function emitJob(tx: StoreTx, job: JobInfo): void {
  emit(tx, { op: 'job.set', job })
}
