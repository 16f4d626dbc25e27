import type { CommitId } from '../../model/index.ts'
import { CatalogDb } from '../catalog/catalog-db.ts'
import type { RepoKey } from '../types/values.ts'

/** A commit as little as somebody needs to know that it is lost. */
export interface KnownCommit {
  readonly repo: RepoKey
  readonly id: CommitId
  readonly branch: string
  readonly message: string
}

/** The commits a catalog's file knows, the latest first; none where it cannot be read. */
export function knownCommits(file: string): readonly KnownCommit[] {
  let db: CatalogDb | undefined
  try {
    db = new CatalogDb(file, { readOnly: true })
    return db
      .all('SELECT repo, id, branch, message FROM commits ORDER BY sequence DESC')
      .map((row) => ({
        repo: row['repo'] as RepoKey,
        id: row['id'] as CommitId,
        branch: row['branch'] as string,
        message: row['message'] as string,
      }))
  } catch {
    return []
  } finally {
    db?.close()
  }
}
