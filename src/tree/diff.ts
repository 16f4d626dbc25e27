import type { Digest } from '../model/index.ts'
import { compareEntryKeys, samePayload } from './entries.ts'
import { byteRange, slotsInRange, type ByteRange } from './key-range.ts'
import { loadRoots } from './node-loader.ts'
import { childDigest, entryAtIndex, keyAt, type TreeNode } from './node-reader.ts'
import type { NodeLoader, TreeChange } from './types.ts'
import { LeafStream, openNodes, pendingRoot, type PendingNode } from './leaf-stream.ts'

/** Nodes expanded by one read, and changes in one batch. */
const nodesAtOnce = 256
const changesAtOnce = 1024

/**
 * What turns tree `a` into tree `b`, in key order, in batches that are never empty. Goes down both
 * trees level by level and drops the nodes both sides have, so the cost follows the changes.
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
  let [left = [], right = []]: (readonly PendingNode[])[] = roots.map((root) => [pendingRoot(root)])
  const depth = Math.max(...roots.map((root) => root.level))
  for (let level = depth; level > 0; level--) {
    ;[left, right] = withoutShared(left, right)
    left = await expandLevel(loader, left, { level, range })
    right = await expandLevel(loader, right, { level, range })
  }
  ;[left, right] = withoutShared(left, right)
  yield* joinLeaves(new LeafStream(loader, left, range), new LeafStream(loader, right, range))
}

/** Drops what both sides name. A shared node means a shared stretch of keys with equal entries. */
function withoutShared(
  left: readonly PendingNode[],
  right: readonly PendingNode[],
): [readonly PendingNode[], readonly PendingNode[]] {
  const inLeft = new Set(left.map((pending) => pending.digest))
  const shared = new Set<Digest>()
  for (const { digest } of right) if (inLeft.has(digest)) shared.add(digest)
  if (shared.size === 0) return [left, right]
  const isOwn = ({ digest }: PendingNode): boolean => !shared.has(digest)
  return [left.filter(isOwn), right.filter(isOwn)]
}

/** Replaces the nodes of one level by their children; a lower tree waits for its level. */
async function expandLevel(
  loader: NodeLoader,
  pending: readonly PendingNode[],
  { level, range }: { readonly level: number; readonly range: ByteRange },
): Promise<readonly PendingNode[]> {
  if (pending.some((one) => one.level !== level)) return pending
  const children: PendingNode[] = []
  for (let from = 0; from < pending.length; from += nodesAtOnce) {
    const nodes = await openNodes(loader, pending.slice(from, from + nodesAtOnce))
    for (const node of nodes) {
      const part = slotsInRange(node, range)
      for (let index = part.from; index < part.to; index++) {
        const digest = childDigest(node, index)
        children.push({ digest, level: level - 1, source: { node, index } })
      }
    }
  }
  return children
}

async function* joinLeaves(
  left: LeafStream,
  right: LeafStream,
): AsyncGenerator<readonly TreeChange[]> {
  let changes: TreeChange[] = []
  for (;;) {
    if (left.needsLeaf) await left.advance()
    if (right.needsLeaf) await right.advance()
    if (left.leaf === undefined && right.leaf === undefined) break
    joinOpened(left, right, changes)
    if (changes.length < changesAtOnce) continue
    yield changes
    changes = []
  }
  if (changes.length > 0) yield changes
}

/** Joins the leaves at hand by key until one of them runs out. */
function joinOpened(left: LeafStream, right: LeafStream, changes: TreeChange[]): void {
  const a = left.leaf
  const b = right.leaf
  while (!left.needsLeaf || !right.needsLeaf) {
    if ((a !== undefined && left.needsLeaf) || (b !== undefined && right.needsLeaf)) return
    const order = compareAt(left, right)
    if (order === 0 && a !== undefined && b !== undefined) {
      if (!samePayload(a, left.at, b, right.at)) changes.push(update(a, left.at, b, right.at))
    } else if (order < 0 && a !== undefined) changes.push(removal(a, left.at))
    else if (b !== undefined) changes.push(addition(b, right.at))
    if (order <= 0) left.at++
    if (order >= 0) right.at++
  }
}

/** Order of the entries at hand; the end of a stream comes last. */
function compareAt(left: LeafStream, right: LeafStream): number {
  if (left.leaf === undefined) return 1
  if (right.leaf === undefined) return -1
  return compareEntryKeys(left.leaf, left.at, right.leaf, right.at)
}

function update(a: TreeNode, i: number, b: TreeNode, j: number): TreeChange {
  const before = entryAtIndex(a, i)
  return { key: before.key, before, after: entryAtIndex(b, j) }
}

function removal(leaf: TreeNode, index: number): TreeChange {
  return { key: keyAt(leaf, index), before: entryAtIndex(leaf, index) }
}

function addition(leaf: TreeNode, index: number): TreeChange {
  return { key: keyAt(leaf, index), after: entryAtIndex(leaf, index) }
}
