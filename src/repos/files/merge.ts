import { EMPTY_TREE, VarveError, type CommitId, type Digest } from '../../model/index.ts'
import { mergeTrees, type TreeConflict } from '../../tree/index.ts'
import { endCommit, startCommit } from '../commit-life.ts'
import { ancestors } from '../history.ts'
import { showRepo } from '../names/repo-key.ts'
import { goodCommit, headOf, requireBranch } from '../queries.ts'
import { resolveContent, withinRepo } from '../resolve.ts'
import type { Tx } from '../scope.ts'
import type { FileEdit, MergeConflict, MergeOptions, MergeOutcome } from '../types/files.ts'
import type { BranchKey, CommitInfo, CommitRef } from '../types/values.ts'
import { fileOf } from './file-value.ts'
import { checkPathConflicts } from './path-conflicts.ts'

interface Merge {
  readonly into: BranchKey
  readonly from: CommitRef
  readonly options: MergeOptions
}

/** Three-way merge of a commit into a branch of its repo; conflicts change nothing. */
export async function mergeInto(tx: Tx, { into, from, options }: Merge): Promise<MergeOutcome> {
  const ours = headOf(tx.db, requireBranch(tx.db, into))
  const theirs = resolveContent(tx.db, withinRepo(into.repo, from))
  if (theirs.repo !== into.repo) {
    throw new VarveError('NOT_SUPPORTED', {
      what: `Only commits of ${showRepo(into.repo)} can be merged into it.`,
      next: 'Use `varve copy file` to bring files over from another repo.',
    })
  }
  const bases = commonAncestors(tx, ours, theirs)
  if (bases[0]?.id === theirs.id) return { kind: 'up to date' }
  const roots = {
    base: await baseOf(tx, bases),
    ours: goodCommit(tx.db, ours)?.files ?? EMPTY_TREE,
    theirs: theirs.files,
  }
  const merged = await threeWay(tx, roots)
  if (merged.conflicts.length > 0 && options.prefer === undefined) {
    return { kind: 'conflict', conflicts: merged.conflicts.map(conflictOf) }
  }
  const files = await settle(tx, merged.root, options.prefer === 'theirs' ? merged.conflicts : [])
  await checkMerged(tx, roots.ours, files)
  return { kind: 'merged', commit: await commitMerge(tx, { into, theirs, files, options }) }
}

interface Merged {
  readonly into: BranchKey
  readonly theirs: CommitInfo
  readonly files: Digest
  readonly options: MergeOptions
}

async function commitMerge(tx: Tx, { into, theirs, files, options }: Merged): Promise<CommitInfo> {
  const message = options.message ?? `Merge ${theirs.branch} into ${into.branch}`
  const merged: CommitId = theirs.id
  const started = startCommit(tx, into, { message }, merged)
  const { size, count } = await tx.tools.content.totals(files)
  return endCommit(tx, { ...started, files, size, count }, {})
}

/** Nearest commits both histories hold: several after branches were merged into each other crosswise. */
function commonAncestors(
  tx: Tx,
  ours: CommitInfo | undefined,
  theirs: CommitInfo,
): readonly CommitInfo[] {
  if (ours === undefined) return []
  const known = new Set([...ancestors(tx.db, ours)].map(({ id }) => id))
  const shared = [...ancestors(tx.db, theirs)].filter(({ id }) => known.has(id))
  const nearest: CommitInfo[] = []
  const covered = new Set<CommitId>()
  for (const commit of shared.sort((a, b) => b.sequence - a.sequence)) {
    if (covered.has(commit.id)) continue
    nearest.push(commit)
    for (const { id } of ancestors(tx.db, commit)) covered.add(id)
  }
  return nearest
}

/** Of several bases the merge of them all; a path on which they disagree is in none, so that it conflicts. */
async function baseOf(tx: Tx, bases: readonly CommitInfo[]): Promise<Digest> {
  const [first, ...rest] = bases
  let base = first?.files ?? EMPTY_TREE
  for (const next of rest) {
    const above = await baseOf(tx, commonAncestors(tx, first, next))
    const merged = await threeWay(tx, { base: above, ours: base, theirs: next.files })
    const disputed = merged.conflicts.map(({ key }): FileEdit => ({ path: key, file: undefined }))
    base = await tx.tools.content.editFiles(merged.root, disputed)
  }
  return base
}

interface Sides {
  readonly base: Digest
  readonly ours: Digest
  readonly theirs: Digest
}

async function threeWay(tx: Tx, sides: Sides): ReturnType<typeof mergeTrees> {
  const { nodes } = tx.tools.content
  const loader = await nodes.loader()
  return nodes.write((sink) => mergeTrees(loader, sides, sink))
}

async function settle(tx: Tx, root: Digest, conflicts: readonly TreeConflict[]): Promise<Digest> {
  if (conflicts.length === 0) return root
  const edits = conflicts.map(({ key, theirs }): FileEdit => ({
    path: key,
    file: theirs === undefined ? undefined : fileOf(theirs),
  }))
  return tx.tools.content.editFiles(root, edits)
}

async function checkMerged(tx: Tx, before: Digest, after: Digest): Promise<void> {
  const put: string[] = []
  for await (const change of tx.tools.content.changes(before, after)) {
    if (change.after !== undefined) put.push(change.key)
  }
  await checkPathConflicts({ loader: await tx.tools.content.loader(), before, after, put })
}

function conflictOf({ key, base, ours, theirs }: TreeConflict): MergeConflict {
  return {
    path: key,
    ...(base === undefined ? {} : { base: fileOf(base) }),
    ...(ours === undefined ? {} : { ours: fileOf(ours) }),
    ...(theirs === undefined ? {} : { theirs: fileOf(theirs) }),
  }
}
