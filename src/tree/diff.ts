import type { Digest } from '../model/index.ts'
import { joinStreams, type Difference } from './join.ts'
import { byteRange, type ByteRange } from './key-range.ts'
import { loadRoots, type ChildSlot } from './node-loader.ts'
import { entryAtIndex } from './node-reader.ts'
import { NodeStream, type PendingNode } from './node-stream.ts'
import type { NodeLoader, TreeChange } from './types.ts'

/** Changes in one batch, about. */
const changesAtOnce = 1024

/**
 * What turns tree `a` into tree `b`, in key order, in batches that are never empty. Goes down both
 * trees level by level and opens only children that differ, so the cost follows the changes.
 */
export async function* diffTrees(
  loader: NodeLoader,
  a: Digest,
  b: Digest,
  options: { readonly prefix?: string } = {},
): AsyncGenerator<readonly TreeChange[]> {
  if (a === b) return
  const range = byteRange(options)
  const roots = await loadRoots(loader, [a, b])
  const depth = Math.max(...roots.map((root) => root.level))
  let [left = [], right = []]: PendingNode[][] = roots.map((root) => [root])
  for (let level = depth; level > 0; level--) {
    const walk = { loader, range, level }
    const differences = joinStreams(streamAt(walk, left), streamAt(walk, right))
    const below = await childrenOf(differences)
    // A tree of fewer levels waits for its own.
    left = [...waiting(walk, left), ...below.left]
    right = [...waiting(walk, right), ...below.right]
  }
  const leaves = { loader, range, level: 0 }
  yield* changesOf(joinStreams(streamAt(leaves, left), streamAt(leaves, right)))
}

interface LevelWalk {
  readonly loader: NodeLoader
  readonly range: ByteRange
  readonly level: number
}

function streamAt(walk: LevelWalk, nodes: readonly PendingNode[]): NodeStream {
  const here = nodes.filter((node) => levelOf(node) === walk.level)
  return new NodeStream(walk.loader, here, walk.range)
}

function waiting({ level }: LevelWalk, nodes: readonly PendingNode[]): PendingNode[] {
  return nodes.filter((node) => levelOf(node) < level)
}

function levelOf(node: PendingNode): number {
  return 'index' in node ? node.node.level - 1 : node.level
}

/** The children the next level has to compare. Equal entries named the same child on both sides. */
async function childrenOf(
  differences: AsyncIterable<readonly Difference[]>,
): Promise<{ readonly left: ChildSlot[]; readonly right: ChildSlot[] }> {
  const children = { left: [] as ChildSlot[], right: [] as ChildSlot[] }
  for await (const batch of differences) {
    for (const [left, right] of batch) {
      if (left !== undefined) children.left.push(left)
      if (right !== undefined) children.right.push(right)
    }
  }
  return children
}

async function* changesOf(
  differences: AsyncIterable<readonly Difference[]>,
): AsyncGenerator<readonly TreeChange[]> {
  let changes: TreeChange[] = []
  for await (const batch of differences) {
    for (const difference of batch) changes.push(changeOf(difference))
    if (changes.length < changesAtOnce) continue
    yield changes
    changes = []
  }
  if (changes.length > 0) yield changes
}

function changeOf([left, right]: Difference): TreeChange {
  const before = left && entryAtIndex(left.node, left.index)
  const after = right && entryAtIndex(right.node, right.index)
  const key = before?.key ?? after?.key ?? ''
  return { key, ...(before && { before }), ...(after && { after }) }
}
