import { checkName, VarveError } from '../model/index.ts'
import {
  leafInputs,
  loadCron,
  type LeafInput,
  type PfsInput,
  type PipelineSpec,
  type Trigger,
} from '../pipelines/index.ts'
import type { BranchKey, BranchTrigger, RepoKey, StoreTx } from '../repos/index.ts'
import { pipelineKey } from './pipeline-catalog.ts'
import type { PipelineSource } from './types.ts'

/**
 * The branches a pipeline reads, one for each leaf of its input, made where they are missing: the
 * tick repo of a cron input, the trigger branch, a branch nobody has written to yet.
 */
export async function openSources(tx: StoreTx, spec: PipelineSpec): Promise<PipelineSource[]> {
  const sources: PipelineSource[] = []
  for (const leaf of leafInputs(spec.input)) {
    checkName('input', leaf.name)
    const repo = repoOf(leaf)
    if (leaf.kind === 'cron') await openTicks(tx, repo, leaf.spec)
    if (!tx.repos.exists(repo)) throw noInput(spec, leaf)
    const branch =
      leaf.kind === 'pfs' && leaf.trigger !== undefined
        ? await openTrigger(tx, { repo, name: spec.name, place: sources.length }, leaf)
        : leaf.branch
    await openBranch(tx, { repo, branch })
    sources.push({ input: leaf.name, repo, branch })
  }
  return sources
}

/** The repo a leaf reads. */
export const repoOf = (leaf: LeafInput): RepoKey => {
  const type = leaf.kind === 'pfs' && leaf.repoType !== 'user' ? `.${leaf.repoType}` : ''
  return pipelineKey(`${leaf.project}/${leaf.repo}${type}`)
}

async function openTicks(tx: StoreTx, repo: RepoKey, cron: string): Promise<void> {
  const { checkCron } = await loadCron()
  const fault = checkCron(cron)
  if (fault !== undefined) throw new VarveError('SPEC_INVALID', { what: fault })
  if (!tx.repos.exists(repo)) await tx.repos.create(repo, { description: `Ticks of ${cron}` })
}

async function openBranch(tx: StoreTx, branch: BranchKey): Promise<void> {
  if (tx.branches.find(branch) === undefined) await tx.branches.set(branch)
}

async function openTrigger(
  tx: StoreTx,
  { repo, name, place }: { repo: RepoKey; name: string; place: number },
  leaf: PfsInput,
): Promise<string> {
  const branch = `${name}-trigger-${place + 1}`
  const watched = leaf.trigger?.branch === '' ? leaf.branch : (leaf.trigger?.branch ?? leaf.branch)
  await openBranch(tx, { repo, branch: watched })
  const trigger = branchTrigger(leaf.trigger, watched)
  await tx.branches.set({ repo, branch }, { trigger })
  return branch
}

function branchTrigger(trigger: Trigger | undefined, branch: string): BranchTrigger {
  return {
    branch,
    ...(trigger?.all === true ? { all: true } : {}),
    ...(trigger?.sizeBytes === undefined ? {} : { size: trigger.sizeBytes }),
    ...(trigger?.commits === undefined ? {} : { commits: trigger.commits }),
    ...(trigger?.rateLimitSpec === undefined ? {} : { rateLimit: trigger.rateLimitSpec }),
    ...(trigger?.cronSpec === undefined ? {} : { cron: trigger.cronSpec }),
  }
}

function noInput(spec: PipelineSpec, leaf: LeafInput): VarveError {
  return new VarveError('REPO_NOT_FOUND', {
    what: `Pipeline "${spec.name}" reads the repo "${leaf.repo}", which does not exist.`,
    next: `Run \`varve create repo ${leaf.repo}\`, or correct the name in the spec.`,
    data: { pipeline: spec.name, input: leaf.name, repo: leaf.repo },
  })
}
