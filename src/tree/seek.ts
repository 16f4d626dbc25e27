import { comparePaths, type Digest } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import { EntryArena } from './entry-arena.ts'
import { hasKey, keyBytes, lowerBound, noBytes, sizeAt } from './entries.ts'
import { byteRange, spansInside, type KeyRange } from './key-range.ts'
import { loadChildren, loadRoot } from './node-loader.ts'
import { childCount, childTotals, entryAtIndex, type TreeNode } from './node-reader.ts'
import { PathReader } from './path-reader.ts'
import { walkRange, type RangeStep } from './range-walk.ts'
import type { NodeLoader, TreeEntry, TreeTotals } from './types.ts'

/** Keys whose leaves are read at once. */
const window = 1024

/** The entries of some keys, in the order asked, undefined for keys the tree does not hold. */
export async function getEntries(
  loader: NodeLoader,
  root: Digest,
  keys: readonly string[],
): Promise<(TreeEntry | undefined)[]> {
  const found: (TreeEntry | undefined)[] = keys.map(() => undefined)
  await seekAll({ loader, root, keys }, (index, key, { leaf, at }) => {
    if (hasKey(leaf, at, key)) found[index] = entryAtIndex(leaf, at)
  })
  return found
}

/** Whether the tree holds a key that starts with each of these texts, in the order asked. */
export async function hasPrefixes(
  loader: NodeLoader,
  root: Digest,
  prefixes: readonly string[],
): Promise<boolean[]> {
  const found = prefixes.map(() => false)
  await seekAll({ loader, root, keys: prefixes }, (index, prefix, { leaf, at }) => {
    found[index] = at < leaf.count && startsWith(keyBytes(leaf, at), prefix)
  })
  return found
}

function startsWith(key: Buffer, prefix: Buffer): boolean {
  return key.subarray(0, prefix.length).equals(prefix)
}

interface Sought {
  readonly loader: NodeLoader
  readonly root: Digest
  readonly keys: readonly string[]
}

/** The first entry at or behind a key; `leaf.count` behind the last of the tree. */
interface Place {
  readonly leaf: TreeNode
  readonly at: number
}

/** Tells where each key belongs, in key order; `index` is its number in `keys`. */
async function seekAll(
  { loader, root, keys }: Sought,
  found: (index: number, key: Buffer, place: Place) => void,
): Promise<void> {
  const order = keys.map((_, i) => i).sort((a, b) => comparePaths(keys[a] ?? '', keys[b] ?? ''))
  const sought = new EntryArena()
  for (const i of order) sought.appendBytes(Buffer.from(keys[i] ?? ''), noBytes, 0)
  const tree = new PathReader(loader, await loadRoot(loader, root))
  for (let from = 0; from < order.length; from += window) {
    const to = Math.min(from + window, order.length)
    await tree.fetch(0, sought, { from, to })
    for (let i = from; i < to; i++) {
      const key = keyBytes(sought, i)
      const leaf = tree.find(0, key)
      found(order[i] ?? 0, key, { leaf, at: lowerBound(leaf, key) })
    }
  }
}

/** The entry of a number counted from 0 in key order; undefined behind the last. O(log n). */
export async function entryAt(
  loader: NodeLoader,
  root: Digest,
  index: number,
): Promise<TreeEntry | undefined> {
  let node = await loadRoot(loader, root)
  if (!Number.isSafeInteger(index) || index < 0 || index >= node.totals.count) return undefined
  let rest = index
  while (node.level > 0) {
    let slot = 0
    while (rest >= childCount(node, slot)) rest -= childCount(node, slot++)
    const [child]: readonly TreeNode[] = await loadChildren(loader, [{ node, index: slot }])
    invariant(child !== undefined, 'a loader answered without the child')
    node = child
  }
  return entryAtIndex(node, rest)
}

/** How many entries a range holds and what their sizes add up to. Reads O(log n) nodes. */
export async function totals(
  loader: NodeLoader,
  root: Digest,
  range: KeyRange = {},
): Promise<TreeTotals> {
  const bytes = byteRange(range)
  const keepClosed = (before: Uint8Array, last: Uint8Array): boolean =>
    spansInside(bytes, before, last)
  const node = await loadRoot(loader, root)
  let count = 0
  let size = 0
  for await (const steps of walkRange({ loader, range: bytes, keepClosed }, node)) {
    for (const step of steps) {
      const part = stepTotals(step)
      count += part.count
      size += part.size
    }
  }
  return { count, size }
}

export function stepTotals(step: RangeStep): TreeTotals {
  if (step.kind === 'subtree') return childTotals(step.node, step.index)
  return sliceTotals(step.node, step.from, step.to)
}

/** Totals of the entries `[from, to)` of a leaf. */
export function sliceTotals(leaf: TreeNode, from: number, to: number): TreeTotals {
  let size = 0
  for (let i = from; i < to; i++) size += sizeAt(leaf, i)
  return { count: to - from, size }
}
