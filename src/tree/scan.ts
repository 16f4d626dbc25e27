import type { Digest } from '../model/index.ts'
import { byteRange, type KeyRange } from './key-range.ts'
import { loadRoot } from './node-loader.ts'
import { entryAtIndex } from './node-reader.ts'
import { walkRange } from './range-walk.ts'
import type { NodeLoader, TreeEntry } from './types.ts'

/**
 * Entries of a range in key order, a batch per leaf. Stopping early reads no further nodes than
 * the wave under way. Values are views: copy those that are kept long.
 */
export async function* scanTree(
  loader: NodeLoader,
  root: Digest,
  range: KeyRange = {},
): AsyncGenerator<readonly TreeEntry[]> {
  const walk = { loader, range: byteRange(range) }
  for await (const steps of walkRange(walk, await loadRoot(loader, root))) {
    for (const step of steps) {
      if (step.kind === 'subtree') continue
      const batch: TreeEntry[] = []
      for (let i = step.from; i < step.to; i++) batch.push(entryAtIndex(step.node, i))
      yield batch
    }
  }
}
