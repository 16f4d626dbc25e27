import { VarveError, type CommitId } from '../../model/index.ts'
import { finishAuto, finishCommit, startCommit } from '../commit-life.ts'
import { commitsBelow, commitsAbove, listCommits, listSets } from '../history.ts'
import { childrenOf, commitsOfSet, findCommit, goodCommit } from '../queries.ts'
import { dropCommit, dropSet, squashCommit, squashSet } from '../removal.ts'
import { branchKey, findNamed, resolveCommit } from '../resolve.ts'
import type { Scope } from '../scope.ts'
import type { Commits } from '../types/nouns.ts'
import type { CommitSet } from '../types/values.ts'

export function makeCommits(scope: Scope): Commits {
  return {
    start: (branch, options = {}) =>
      scope.write((tx) => startCommit(tx, branchKey(branch), options)),
    finish: (ref, options = {}) => scope.write((tx) => finishCommit(tx, ref, options)),
    finishAuto: (result) => scope.write((tx) => finishAuto(tx, result)),
    inspect: (ref) => resolveCommit(scope.db, ref),
    find: (ref) => findNamed(scope.db, ref),
    list: (filter = {}) => listCommits(scope.db, filter),
    children: (ref) => childrenOf(scope.db, resolveCommit(scope.db, ref)),
    provenance: (ref) => commitsAbove(scope.db, resolveCommit(scope.db, ref)),
    subvenance: (ref) => commitsBelow(scope.db, resolveCommit(scope.db, ref)),
    lastGood: (ref) => {
      const { repo, parent } = resolveCommit(scope.db, ref)
      return parent === undefined
        ? undefined
        : goodCommit(scope.db, findCommit(scope.db, { repo, id: parent }))
    },
    touching: async (ref, path, limit) => {
      const { touchingCommits } = await import('../files/touching.ts')
      return touchingCommits(scope, resolveCommit(scope.db, ref), { path, limit })
    },
    set: (id) => requireSet(scope, id),
    sets: (limit) => listSets(scope.db, limit),
    squash: (ref, options = {}) =>
      scope.write((tx) => squashCommit(tx, resolveCommit(tx.db, ref), options)),
    squashSet: (id, options = {}) => scope.write((tx) => squashSet(tx, id, options)),
    drop: (ref, options = {}) =>
      scope.write((tx) => dropCommit(tx, resolveCommit(tx.db, ref), options)),
    dropSet: (id) => scope.write(async (tx) => dropSet(tx, id)),
  }
}

function requireSet(scope: Scope, id: CommitId): CommitSet {
  const commits = commitsOfSet(scope.db, id)
  if (commits.length > 0) return { id, commits }
  throw new VarveError('COMMIT_NOT_FOUND', {
    what: `No commit has the id ${id}.`,
    next: 'Run `varve list commit`.',
    data: { id },
  })
}
