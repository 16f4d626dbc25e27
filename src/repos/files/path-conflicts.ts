import { parentDirectories, VarveError, type Digest } from '../../model/index.ts'
import { EMPTY_TREE, getEntries, listChildren, totals, type NodeLoader } from '../../tree/index.ts'

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

/** New files where the tree before had a directory of which something is left. */
async function directoriesAt({ loader, before, after, put }: Edited): Promise<readonly string[]> {
  if (before === EMPTY_TREE) return []
  const known = await getEntries(loader, before, put)
  const added = put.filter((_, i) => known[i] === undefined)
  const conflicts: string[] = []
  for (const [directory, paths] of groupByDirectory(added)) {
    const suspects = await directoriesAmong(loader, before, { directory, paths })
    for (const path of suspects) {
      const { count } = await totals(loader, after, { prefix: `${path}/` })
      if (count > 0) conflicts.push(path)
    }
  }
  return conflicts
}

/** Of many paths in one small directory, one listing tells; of few, each is asked for later. */
async function directoriesAmong(
  loader: NodeLoader,
  root: Digest,
  { directory, paths }: { readonly directory: string; readonly paths: readonly string[] },
): Promise<readonly string[]> {
  if (paths.length < 64) return paths
  const { count } = await totals(loader, root, { prefix: directory })
  if (count === 0) return []
  if (count > paths.length * 50) return paths
  const children = await listChildren(loader, root, { prefix: directory })
  const directories = new Set(
    children.filter(({ kind }) => kind === 'directory').map(({ name }) => directory + name),
  )
  return paths.filter((path) => directories.has(path))
}

function groupByDirectory(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const path of paths) {
    const directory = path.slice(0, path.lastIndexOf('/') + 1)
    const group = groups.get(directory)
    if (group === undefined) groups.set(directory, [path])
    else group.push(path)
  }
  return groups
}
