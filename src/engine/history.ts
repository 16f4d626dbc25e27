import type { CommitInfo, Store } from '../repos/index.ts'
import type { HistoryFilter } from './values.ts'

/**
 * Commits of a repo, of one branch of it, or of the whole store, newest first. A branch is walked
 * from its head; without one the order is that of creation.
 */
export function historyOf(
  store: Store,
  of: { readonly repo: string; readonly branch: string | undefined } | undefined,
  filter: HistoryFilter,
): readonly CommitInfo[] {
  const { limit, after, origin, types, project } = filter
  const wanted = {
    ...(limit === undefined ? {} : { limit }),
    ...(origin === undefined ? {} : { origin }),
    ...(types === undefined ? {} : { types }),
  }
  if (of === undefined && project === undefined) return store.commits.list(wanted)
  if (of === undefined) {
    const { limit: _, ...unlimited } = wanted
    const commits = store.commits.list(unlimited)
    return commits.filter(({ repo }) => repo.startsWith(`${project}/`)).slice(0, limit)
  }
  const { repo } = store.repos.inspect(of.repo)
  const until =
    after === undefined ? {} : { until: after.includes('@') ? after : `${repo}@${after}` }
  if (of.branch === undefined && after === undefined) return store.commits.list({ ...wanted, repo })
  const from = `${repo}@${of.branch ?? 'master'}`
  const branch = store.branches.find(from)
  if (branch !== undefined && branch.head === undefined) return []
  return store.commits.list({ ...wanted, ...until, repo, from })
}
