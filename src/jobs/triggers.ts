import type {
  BranchInfo,
  BranchKey,
  BranchTrigger,
  CatalogDb,
  CommitInfo,
  StoreTx,
} from '../repos/index.ts'
import { loadCron } from '../pipelines/index.ts'
import { emit, type TriggerSetOp } from './ops.ts'

/** What a trigger has seen since it fired last; all zero before the first time. */
export interface TriggerState {
  readonly firedAt: number
  readonly size: number
  readonly commits: number
}

/** Which conditions of a trigger hold; those it does not name are undefined. */
export interface TriggerFacts {
  readonly size?: boolean
  readonly commits?: boolean
  readonly rateLimit?: boolean
  readonly cron?: boolean
}

/** Any condition by default, every one with `all`; a trigger without conditions always fires. */
export function isDue(facts: TriggerFacts, all: boolean): boolean {
  const named = Object.values(facts).filter((fact): fact is boolean => fact !== undefined)
  return all || named.length === 0 ? named.every(Boolean) : named.some(Boolean)
}

/** Moves trigger branches whose condition holds to the commit that just finished. */
export async function fireTriggers(tx: StoreTx, commits: readonly CommitInfo[]): Promise<void> {
  for (const commit of commits) await fireBelow(tx, commit, commit.branch)
}

async function fireBelow(tx: StoreTx, commit: CommitInfo, watched: string): Promise<void> {
  for (const branch of tx.branches.list(commit.repo)) {
    if (branch.trigger?.branch !== watched) continue
    if (branch.head === commit.id) continue
    const fired = await seeCommit(tx, branch, branch.trigger, commit)
    // Chains: another trigger may watch the branch that just moved. Loops cannot be declared.
    if (fired) await fireBelow(tx, commit, branch.branch)
  }
}

async function seeCommit(
  tx: StoreTx,
  branch: BranchInfo,
  trigger: BranchTrigger,
  commit: CommitInfo,
): Promise<boolean> {
  const before = triggerState(tx.db, branch)
  const seen = { ...before, commits: before.commits + 1 }
  const due = isDue(await factsOf(trigger, seen, commit, tx.at), trigger.all ?? false)
  const after = due ? { firedAt: tx.at, size: commit.size, commits: 0 } : seen
  emit(tx, {
    op: 'trigger.set',
    repo: branch.repo,
    branch: branch.branch,
    ...after,
  })
  if (due) await tx.branches.set({ repo: branch.repo, branch: branch.branch }, { head: commit })
  return due
}

async function factsOf(
  trigger: BranchTrigger,
  state: TriggerState,
  commit: CommitInfo,
  at: number,
): Promise<TriggerFacts> {
  const ticked = async (text: string): Promise<boolean> => {
    if (state.firedAt === 0) return true
    const { nextTick } = await loadCron()
    const tick = nextTick(text, state.firedAt)
    return tick !== undefined && tick <= at
  }
  return {
    ...(trigger.size === undefined ? {} : { size: commit.size - state.size >= trigger.size }),
    ...(trigger.commits === undefined ? {} : { commits: state.commits >= trigger.commits }),
    ...(trigger.rateLimit === undefined ? {} : { rateLimit: await ticked(trigger.rateLimit) }),
    ...(trigger.cron === undefined ? {} : { cron: await ticked(trigger.cron) }),
  }
}

export function triggerState(db: CatalogDb, { repo, branch }: BranchKey): TriggerState {
  const sql = 'SELECT doc FROM trigger_state WHERE repo = ? AND branch = ?'
  const row = db.get(sql, repo, branch)
  if (row === undefined) return { firedAt: 0, size: 0, commits: 0 }
  const { firedAt, size, commits } = JSON.parse(String(row['doc'])) as TriggerSetOp
  return { firedAt, size, commits }
}
