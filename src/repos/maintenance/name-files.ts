import type { CommitId, Digest } from '../../model/index.ts'
import { walkNodes } from '../../tree/index.ts'
import { fileOf } from '../files/file-value.ts'
import { showCommit } from '../queries.ts'
import type { RepoKey } from '../types/values.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'

/**
 * For each item one file that needs it, `repo@id:/path`, of the latest commit that has it. Nodes
 * that cannot be read are passed over: they are reported by who looks for them.
 */
export async function nameFiles(
  { catalog, tools }: MaintenanceParts,
  items: ReadonlySet<Digest>,
): Promise<ReadonlyMap<Digest, string>> {
  const named = new Map<Digest, string>()
  const loader = { load: (digests: readonly Digest[]) => tools.segments.read(digests) }
  const walk = { seen: new Set<Digest>(), onDamage: () => {} }
  const commits = catalog.reader.all('SELECT repo, id, files FROM commits ORDER BY sequence DESC')
  for (const row of commits) {
    if (named.size === items.size) break
    const commit = showCommit({ repo: row['repo'] as RepoKey, id: row['id'] as CommitId })
    for await (const nodes of walkNodes(loader, [row['files'] as Digest], walk)) {
      const files = nodes.flatMap((node) => node.entries.map(fileOf))
      const asked = files.filter(({ digest }) => items.has(digest) && !named.has(digest))
      for (const { digest, path } of asked) named.set(digest, `${commit}:/${path}`)
    }
  }
  return named
}
