import { makeBranches } from './nouns/branches.ts'
import { makeCommits } from './nouns/commits.ts'
import { filesOnDemand } from './nouns/files-on-demand.ts'
import { makeProjects } from './nouns/projects.ts'
import { makeRepos } from './nouns/repos.ts'
import { makeTags } from './nouns/tags.ts'
import type { Scope } from './scope.ts'
import type { Nouns } from './types/transaction.ts'

/** The same nouns for the store and for a transaction; the scope tells them apart. */
export function makeNouns(scope: Scope): Nouns {
  return {
    projects: makeProjects(scope),
    repos: makeRepos(scope),
    branches: makeBranches(scope),
    commits: makeCommits(scope),
    tags: makeTags(scope),
    files: filesOnDemand(scope),
  }
}
