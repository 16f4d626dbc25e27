import { checkName, isCommitId, VarveError } from '../../model/index.ts'
import { tagFromRow } from '../catalog/rows.ts'
import { repoKey, showRepo } from '../names/repo-key.ts'
import { findBranch, requireRepo } from '../queries.ts'
import { resolveCommit } from '../resolve.ts'
import type { Scope } from '../scope.ts'
import type { Tags } from '../types/nouns.ts'

/** A tag is a name for one commit that stays until it is moved or deleted, and keeps it from squash. */
export function makeTags(scope: Scope): Tags {
  return {
    set: (tag, ref) =>
      scope.write((tx) => {
        checkName('tag', tag)
        const { repo, id } = resolveCommit(tx.db, ref)
        if (isCommitId(tag) || findBranch(tx.db, { repo, branch: tag }) !== undefined) {
          throw new VarveError('ALREADY_EXISTS', {
            what: `"${tag}" already names a branch or a commit of ${showRepo(repo)}.`,
          })
        }
        tx.emit({ op: 'tag.set', repo, tag, id })
        return { repo, tag, id }
      }),
    list: (ref) => {
      const rows =
        ref === undefined
          ? scope.db.all('SELECT * FROM tags ORDER BY repo, tag')
          : scope.db.all('SELECT * FROM tags WHERE repo = ? ORDER BY tag', repoKey(ref))
      return rows.map(tagFromRow)
    },
    delete: (ref, tag) =>
      scope.write((tx) => {
        const { repo } = requireRepo(tx.db, repoKey(ref))
        const known = tx.db.get('SELECT 1 FROM tags WHERE repo = ? AND tag = ?', repo, tag)
        if (known === undefined) {
          throw new VarveError('COMMIT_NOT_FOUND', {
            what: `${showRepo(repo)} has no tag "${tag}".`,
          })
        }
        tx.emit({ op: 'tag.delete', repo, tag })
      }),
  }
}
