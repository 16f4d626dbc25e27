import { EMPTY_TREE, parseFilePath, type Digest } from '../../model/index.ts'
import { diffTrees } from '../../tree/index.ts'
import { parentOf } from '../history.ts'
import type { Scope } from '../scope.ts'
import type { CommitInfo } from '../types/values.ts'

/** Commits of a history that changed a path or anything below it, newest first. */
export async function touchingCommits(
  scope: Scope,
  start: CommitInfo,
  options: { readonly path: string; readonly limit: number | undefined },
): Promise<readonly CommitInfo[]> {
  const path = parseFilePath(options.path)
  const limit = options.limit ?? Number.POSITIVE_INFINITY
  const found: CommitInfo[] = []
  let commit: CommitInfo | undefined = start
  while (commit !== undefined && found.length < limit) {
    const parent = parentOf(scope.db, commit)
    const before = parent?.files ?? EMPTY_TREE
    if (await differs(scope, { before, after: commit.files }, path)) found.push(commit)
    commit = parent
  }
  return found
}

async function differs(
  { tools }: Scope,
  { before, after }: { readonly before: Digest; readonly after: Digest },
  path: string,
): Promise<boolean> {
  const loader = await tools.content.loader()
  for await (const batch of diffTrees(loader, before, after, { prefix: path })) {
    const hit = batch.some(({ key }) => path === '' || key === path || key.startsWith(`${path}/`))
    if (hit) return true
  }
  return false
}
