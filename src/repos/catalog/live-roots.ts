import type { Digest } from '../../model/index.ts'
import type { LiveRoot } from '../types/catalog.ts'
import type { CatalogDb } from './catalog-db.ts'

/** Trees of every commit, open ones too: nothing a name in the catalog leads to may be swept. */
export function* liveRoots(db: CatalogDb): Iterable<LiveRoot> {
  for (const row of db.all('SELECT DISTINCT files FROM commits')) {
    yield { kind: 'files', digest: row['files'] as Digest }
  }
  for (const row of db.all('SELECT DISTINCT datums FROM commits WHERE datums IS NOT NULL')) {
    yield { kind: 'nodes', digest: row['datums'] as Digest }
  }
}
