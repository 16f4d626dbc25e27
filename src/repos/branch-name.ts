import { checkName, isCommitId, VarveError } from '../model/index.ts'
import type { Tx } from './scope.ts'
import type { BranchKey } from './types/values.ts'

/** A branch may not look like a commit id, nor share its name with a tag of its repo. */
export function checkBranchName(tx: Tx, { repo, branch }: BranchKey): void {
  checkName('branch', branch)
  const tag = tx.db.get('SELECT 1 FROM tags WHERE repo = ? AND tag = ?', repo, branch)
  if (tag === undefined && !isCommitId(branch)) return
  throw new VarveError('NAME_INVALID', {
    what: `"${branch}" is ${tag === undefined ? 'a commit id' : 'a tag'} and cannot name a branch too.`,
    data: { kind: 'branch', name: branch },
  })
}
