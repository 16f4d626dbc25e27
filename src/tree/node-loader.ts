import { EMPTY_TREE, type Digest } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import { compareEntryKeys, sizeAt } from './entries.ts'
import { emptyNodeBytes } from './node-format.ts'
import { childCount, childDigest, damagedNode, decodeNode, type TreeNode } from './node-reader.ts'
import type { NodeLoader } from './types.ts'

/** A loader that keeps nodes decoded (`cachedLoader`); others hand out bytes only. */
export interface DecodedNodeLoader extends NodeLoader {
  loadDecoded(digests: readonly Digest[]): Promise<readonly TreeNode[]>
}

/** A child as its parent names it. */
export interface ChildSlot {
  readonly node: TreeNode
  readonly index: number
}

const emptyNode = decodeNode(EMPTY_TREE, emptyNodeBytes)

export async function loadRoot(loader: NodeLoader, root: Digest): Promise<TreeNode> {
  const [node] = await loadRoots(loader, [root])
  invariant(node !== undefined, 'a loader answered without the root')
  return node
}

/** Nodes nothing is known of but their digest. */
export async function loadRoots(
  loader: NodeLoader,
  roots: readonly Digest[],
): Promise<readonly TreeNode[]> {
  const stored = roots.filter((root) => root !== EMPTY_TREE)
  const nodes = stored.length === 0 ? [] : await loadDecoded(loader, stored)
  let next = 0
  return roots.map((root) => (root === EMPTY_TREE ? emptyNode : nodeOf(nodes, next++)))
}

/**
 * Loads children in one batch and holds each against what its parent says of it.
 * @throws VarveError STORE_DAMAGED where the two differ
 */
export async function loadChildren(
  loader: NodeLoader,
  slots: readonly ChildSlot[],
): Promise<readonly TreeNode[]> {
  if (slots.length === 0) return []
  const nodes = await loadDecoded(
    loader,
    slots.map((slot) => childDigest(slot.node, slot.index)),
  )
  slots.forEach((slot, i) => checkChild(slot, nodeOf(nodes, i)))
  return nodes
}

/** @throws VarveError STORE_DAMAGED if a node is not what its parent says of it */
export function checkChild({ node, index }: ChildSlot, child: TreeNode): void {
  const isChild =
    child.level === node.level - 1 &&
    child.count > 0 &&
    child.totals.count === childCount(node, index) &&
    child.totals.size === sizeAt(node, index) &&
    compareEntryKeys(node, index, child, child.count - 1) === 0
  if (!isChild) throw damagedNode(child.digest, `it is not what ${node.digest} says of it`)
  if (index > 0 && compareEntryKeys(node, index - 1, child, 0) >= 0) {
    throw damagedNode(child.digest, `it overlaps its left neighbour below ${node.digest}`)
  }
}

async function loadDecoded(
  loader: NodeLoader,
  digests: readonly Digest[],
): Promise<readonly TreeNode[]> {
  if (isDecoding(loader)) return loader.loadDecoded(digests)
  const bytes = await loader.load(digests)
  invariant(bytes.length === digests.length, 'a loader answered with another number of nodes')
  return digests.map((digest, i) => decodeNode(digest, bytes[i] ?? new Uint8Array()))
}

function isDecoding(loader: NodeLoader): loader is DecodedNodeLoader {
  return 'loadDecoded' in loader
}

function nodeOf(nodes: readonly TreeNode[], index: number): TreeNode {
  const node = nodes[index]
  invariant(node !== undefined, 'a loader answered with too few nodes')
  return node
}
