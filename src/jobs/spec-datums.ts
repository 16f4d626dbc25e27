import { VarveError, type Digest } from '../model/index.ts'
import {
  leafInputs,
  loadPlanner,
  type Datum,
  type LeafInput,
  type PipelineSpec,
} from '../pipelines/index.ts'
import type { BranchKey, CommitInfo, Store } from '../repos/index.ts'
import { repoOf } from './pipeline-sources.ts'
import { treeView } from './tree-view.ts'

/**
 * The datums a pipeline of this spec would have on the present content of its inputs; nothing is
 * created. A cron input that never ticked and a branch nobody wrote to count as empty.
 * @throws REPO_NOT_FOUND for an input nobody has
 */
export async function* specDatums(
  store: Store,
  emptyTree: Digest,
  spec: PipelineSpec,
): AsyncIterable<Datum> {
  const roots = new Map(
    leafInputs(spec.input).map((leaf) => [leaf, contentRoot(store, leaf) ?? emptyTree]),
  )
  const viewOf = (leaf: LeafInput) => treeView(store.content, roots.get(leaf) ?? emptyTree)
  const { planAll } = await loadPlanner()
  for await (const { changes } of planAll(spec.input, viewOf)) {
    for (const change of changes) if (change.kind === 'add') yield change.datum
  }
}

function contentRoot(store: Store, leaf: LeafInput): Digest | undefined {
  const repo = repoOf(leaf)
  if (store.repos.exists(repo)) return goodHead(store, { repo, branch: leaf.branch })?.files
  if (leaf.kind === 'cron') return undefined
  throw new VarveError('REPO_NOT_FOUND', {
    what: `The spec reads the repo "${leaf.repo}", which does not exist.`,
    next: `Run \`varve create repo ${leaf.repo}\`, or correct the name in the spec.`,
    data: { input: leaf.name, repo: leaf.repo },
  })
}

/** What a job started now would read: neither open commits nor those that failed. */
function goodHead({ branches, commits }: Store, key: BranchKey): CommitInfo | undefined {
  const head = branches.find(key)?.head
  let commit = head === undefined ? undefined : commits.find({ repo: key.repo, id: head })
  while (commit !== undefined && (commit.state === 'open' || commit.error !== undefined)) {
    const { repo, parent }: CommitInfo = commit
    commit = parent === undefined ? undefined : commits.find({ repo, id: parent })
  }
  return commit
}
