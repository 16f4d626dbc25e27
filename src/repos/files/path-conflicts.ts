import { parentDirectories, VarveError, type Digest } from '../../model/index.ts'
import { getEntries, hasPrefixes, type NodeLoader } from '../../tree/index.ts'

interface Edited {
  readonly loader: NodeLoader
  readonly before: Digest
  readonly after: Digest
  /** Paths that were put. */
  readonly put: readonly string[]
}

/**
 * Throws `PATH_CONFLICT` when a path would be both a file and a directory. Looks only at what was
 * put: at the directories above it, and at what lies below paths that were no file before.
 */
export async function checkPathConflicts(edited: Edited): Promise<void> {
  const conflicts = [...(await filesAbove(edited)), ...(await directoriesAt(edited))].sort()
  if (conflicts.length === 0) return
  const shown = conflicts
    .slice(0, 3)
    .map((path) => `"${path}"`)
    .join(', ')
  const more = conflicts.length > 3 ? ` and ${conflicts.length - 3} more` : ''
  throw new VarveError('PATH_CONFLICT', {
    what: `${shown}${more} would be both a file and a directory; nothing was changed.`,
    data: { conflicts },
  })
}

async function filesAbove({ loader, after, put }: Edited): Promise<readonly string[]> {
  const parents = new Set<string>()
  for (const path of put) {
    for (const parent of parentDirectories(path)) {
      if (parents.has(parent)) break
      parents.add(parent)
    }
  }
  const asked = [...parents]
  const found = await getEntries(loader, after, asked)
  return asked.filter((_, i) => found[i] !== undefined)
}

/** Files where the tree before had a directory of which something is left. */
async function directoriesAt({ loader, before, after, put }: Edited): Promise<readonly string[]> {
  const suspects = await thoseWithFilesBelow(loader, before, put)
  return thoseWithFilesBelow(loader, after, suspects)
}

async function thoseWithFilesBelow(
  loader: NodeLoader,
  root: Digest,
  paths: readonly string[],
): Promise<readonly string[]> {
  const below = await hasPrefixes(
    loader,
    root,
    paths.map((path) => `${path}/`),
  )
  return paths.filter((_, i) => below[i] === true)
}
