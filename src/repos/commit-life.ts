import { VarveError, type CommitId } from '../model/index.ts'
import { checkBranchName } from './branch-name.ts'
import { emitNewBranch, openCommit } from './open-commit.ts'
import {
  branchesWithHead,
  findBranch,
  headOf,
  requireCommit,
  requireRepo,
  showBranch,
  showCommit,
} from './queries.ts'
import { resolveCommit, withinRepo } from './resolve.ts'
import type { Tx } from './scope.ts'
import type { AutoResult, CommitStart } from './types/nouns.ts'
import type { BranchKey, CommitInfo, CommitRef } from './types/values.ts'

/** Opens a USER commit. @throws COMMIT_OPEN while the head is open, IN_USE on an output branch */
export function startCommit(
  tx: Tx,
  key: BranchKey,
  options: CommitStart,
  merged?: CommitId,
): CommitInfo {
  requireRepo(tx.db, key.repo)
  const branch = findBranch(tx.db, key)
  if (branch !== undefined && branch.inputs.length > 0) throw isOutput(key)
  const head = branch === undefined ? undefined : headOf(tx.db, branch)
  if (head?.state === 'open') {
    throw new VarveError('COMMIT_OPEN', {
      what: `The head of ${showBranch(key)}, ${head.id}, is still open.`,
      next: `Run \`varve finish commit ${showBranch(key)}\` first.`,
      data: { commit: showCommit(head) },
    })
  }
  const parent =
    options.parent === undefined ? head : resolveCommit(tx.db, withinRepo(key.repo, options.parent))
  if (branch === undefined) makeBranch(tx, key)
  tx.written(key)
  return openCommit(tx, {
    branch: key,
    origin: 'USER',
    parent,
    message: options.message ?? '',
    ...(merged === undefined ? {} : { merged }),
  })
}

/** A branch without commits. */
export function makeBranch(tx: Tx, key: BranchKey): void {
  checkBranchName(tx, key)
  emitNewBranch(tx, key, null)
}

export function isOutput(key: BranchKey): VarveError {
  return new VarveError('IN_USE', {
    what: `${showBranch(key)} is computed from other branches and cannot be written by hand.`,
    next: 'Write to one of its inputs.',
    data: { branch: showBranch(key) },
  })
}

/** @throws COMMIT_FINISHED when it is finished, IN_USE for the commit of a pipeline */
export function finishCommit(
  tx: Tx,
  ref: CommitRef,
  options: { readonly message?: string; readonly error?: string },
): CommitInfo {
  const commit = requireOpen(resolveCommit(tx.db, ref))
  if (commit.origin === 'AUTO') throw isOutput(commit)
  return endCommit(tx, commit, options)
}

export function requireOpen(commit: CommitInfo): CommitInfo {
  if (commit.state === 'open') return commit
  throw new VarveError('COMMIT_FINISHED', {
    what: `The commit ${showCommit(commit)} is finished and cannot change.`,
    data: { commit: showCommit(commit) },
  })
}

/** @throws COMMIT_FINISHED when it is finished */
export async function finishAuto(tx: Tx, result: AutoResult): Promise<CommitInfo> {
  const commit = requireOpen(requireCommit(tx.db, result.commit))
  const files = result.files ?? commit.files
  const totals = files === commit.files ? commit : await tx.tools.content.totals(files)
  const { size, count } = totals
  return endCommit(tx, { ...commit, files, size, count }, result)
}

/** Ends a commit with the content given in `commit`; heads that show it count as moved. */
export function endCommit(
  tx: Tx,
  commit: CommitInfo,
  options: Pick<AutoResult, 'datums' | 'error' | 'message'>,
): CommitInfo {
  const { repo, id, files, size, count } = commit
  tx.adoptId(id)
  tx.emit({
    op: 'commit.finish',
    repo,
    id,
    finishedAt: tx.at,
    files,
    size,
    count,
    message: options.message ?? commit.message,
    error: options.error ?? null,
    datums: options.datums ?? null,
  })
  tx.finished({ repo, id })
  const isNews = commit.origin === 'USER' && options.error === undefined
  for (const branch of isNews ? branchesWithHead(tx.db, { repo, id }) : []) tx.moved(branch)
  return requireCommit(tx.db, { repo, id })
}
