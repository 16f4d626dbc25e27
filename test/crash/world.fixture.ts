import type { CommitInfo, Store } from '../../src/repos/index.ts'

/** What a user can see: every name, what it leads to, and the root of every tree. */
export type World = string

const told = [
  'repo',
  'id',
  'parent',
  'merged',
  'state',
  'error',
  'files',
  'datums',
  'message',
] as const

/** Times are left out: they are no promise. */
export function worldOf(store: Store): World {
  const repos = store.repos.list({ type: 'all' }).map(({ repo, branches }) => ({ repo, branches }))
  const branches = repos.flatMap(({ repo }) =>
    store.branches.list(repo).map(({ branch, head, inputs }) => ({ repo, branch, head, inputs })),
  )
  const commits = allCommits(store).map((commit) =>
    Object.fromEntries(told.map((field) => [field, commit[field]])),
  )
  return JSON.stringify({ repos, branches, commits })
}

export function allCommits(store: Store): readonly CommitInfo[] {
  return store.commits.list({ types: 'all' })
}

/** Every file of a commit and its text. */
export async function textsOf(store: Store, commit: CommitInfo): Promise<Record<string, string>> {
  const texts: Record<string, string> = {}
  for await (const { path } of store.files.walk(commit)) {
    texts[path] = Buffer.from(await store.files.read(commit, path)).toString()
  }
  return texts
}
