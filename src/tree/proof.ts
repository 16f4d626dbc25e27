import { digestOf, EMPTY_TREE, isVarveError, type Digest } from '../model/index.ts'
import { hasKey, lowerBound } from './entries.ts'
import { checkChild, loadChildren, loadRoot, type ChildSlot } from './node-loader.ts'
import { childDigest, decodeNode, entryAtIndex, type TreeNode } from './node-reader.ts'
import type { NodeLoader, TreeEntry } from './types.ts'

/** Shows that a tree holds an entry, or that it does not hold a key: the nodes on the way to it. */
export interface TreeProof {
  /** From the root down; none for the empty tree. */
  readonly nodes: readonly Uint8Array[]
}

export type ProofResult =
  | { readonly kind: 'present'; readonly entry: TreeEntry }
  | { readonly kind: 'absent' }
  | { readonly kind: 'invalid'; readonly reason: string }

export async function proveEntry(
  loader: NodeLoader,
  root: Digest,
  key: string,
): Promise<TreeProof> {
  if (root === EMPTY_TREE) return { nodes: [] }
  const sought = Buffer.from(key)
  let node: TreeNode | undefined = await loadRoot(loader, root)
  const nodes: Uint8Array[] = []
  while (node !== undefined) {
    nodes.push(node.bytes)
    const slot = slotOf(node, sought)
    node = slot === undefined ? undefined : (await loadChildren(loader, [slot]))[0]
  }
  return { nodes }
}

/**
 * Checks a proof against nothing but the root and the key; needs no store.
 * `absent` holds for roots of honest writers: it relies on the order of keys in nodes not shown.
 */
export function verifyEntry(root: Digest, key: string, proof: TreeProof): ProofResult {
  if (root === EMPTY_TREE) {
    return proof.nodes.length === 0 ? { kind: 'absent' } : invalid('the empty tree has no nodes')
  }
  try {
    return followProof(root, Buffer.from(key), proof)
  } catch (error) {
    if (isVarveError(error, 'STORE_DAMAGED')) return invalid(error.message)
    throw error
  }
}

function followProof(root: Digest, key: Uint8Array, { nodes }: TreeProof): ProofResult {
  let expected = root
  let slot: ChildSlot | undefined
  for (const [i, bytes] of nodes.entries()) {
    if (digestOf(bytes) !== expected) return invalid(`node ${i} does not hash to ${expected}`)
    const node = decodeNode(expected, bytes)
    if (slot !== undefined) checkChild(slot, node)
    slot = slotOf(node, key)
    if (slot !== undefined) {
      expected = childDigest(slot.node, slot.index)
      continue
    }
    if (i < nodes.length - 1) return invalid('nodes follow the one that answers')
    const at = lowerBound(node, key)
    const isPresent = node.level === 0 && hasKey(node, at, key)
    return isPresent ? { kind: 'present', entry: entryAtIndex(node, at) } : { kind: 'absent' }
  }
  return invalid(`the node ${expected} is missing`)
}

/** The child a key leads to; undefined in a leaf, and for keys behind the last. */
function slotOf(node: TreeNode, key: Uint8Array): ChildSlot | undefined {
  if (node.level === 0) return undefined
  const index = lowerBound(node, key)
  return index === node.count ? undefined : { node, index }
}

function invalid(reason: string): ProofResult {
  return { kind: 'invalid', reason }
}
