import { EMPTY_TREE, isVarveError, type Digest, type VarveError } from '../model/index.ts'
import { loadChildren, loadRoots, type ChildSlot } from './node-loader.ts'
import { childDigest, entryAtIndex, type TreeNode } from './node-reader.ts'
import type { NodeLoader, TreeEntry } from './types.ts'

/** Nodes read at once: bounds the memory of a walk together with the height of the tree. */
const nodesAtOnce = 64

export interface WalkedNode {
  readonly digest: Digest
  /** 0 for leaves. */
  readonly level: number
  readonly bytes: Uint8Array
  /** Digests of the nodes below; none for leaves. */
  readonly children: readonly Digest[]
  /** What a leaf holds; none for inner nodes. */
  readonly entries: readonly TreeEntry[]
}

export interface WalkOptions {
  /** Nodes that need no visit, nor what lies below them. The walk adds those it visits. */
  readonly seen?: Set<Digest>
  /** Takes note of a node that cannot be read; without it the walk stops there and throws. */
  readonly onDamage?: (digest: Digest, error: VarveError) => void
}

/**
 * Visits every node of some trees once, parents before children, in batches: the mark of a garbage
 * collection, and the check of a store (each node is held against its parent's word).
 */
export async function* walkNodes(
  loader: NodeLoader,
  roots: readonly Digest[],
  options: WalkOptions = {},
): AsyncGenerator<readonly WalkedNode[]> {
  const seen = options.seen ?? new Set<Digest>()
  const reader = new TolerantReader(loader, options.onDamage)
  const isNew = (digest: Digest): boolean => !seen.has(digest) && seen.add(digest).has(digest)
  const fresh = roots.filter((root) => root !== EMPTY_TREE && isNew(root))
  while (fresh.length > 0) {
    let nodes = await reader.roots(fresh.splice(0, nodesAtOnce))
    const open: ChildSlot[] = []
    do {
      if (nodes.length > 0) yield nodes.map(walkedNode)
      open.push(...nodes.flatMap(childSlots).filter((slot) => isNew(slotDigest(slot))))
      nodes = await reader.children(open.splice(-nodesAtOnce))
    } while (nodes.length > 0 || open.length > 0)
  }
}

/**
 * Nodes of some trees that another side lacks, parents before children. A side that has a node
 * has all that lies below it.
 * @param has answers for a batch of digests, in order
 */
export async function* missingNodes(
  loader: NodeLoader,
  roots: readonly Digest[],
  has: (digests: readonly Digest[]) => Promise<readonly boolean[]>,
): AsyncGenerator<readonly WalkedNode[]> {
  const seen = new Set<Digest>([EMPTY_TREE])
  const lacking = async (digests: readonly Digest[]): Promise<Set<Digest>> => {
    const fresh = [...new Set(digests)].filter((digest) => !seen.has(digest))
    for (const digest of fresh) seen.add(digest)
    const answers = fresh.length === 0 ? [] : await has(fresh)
    return new Set(fresh.filter((_, i) => answers[i] !== true))
  }
  let nodes = await loadRoots(loader, [...(await lacking(roots))])
  const open: ChildSlot[] = []
  for (;;) {
    if (nodes.length > 0) yield nodes.map(walkedNode)
    const slots = nodes.flatMap(childSlots)
    const lack = await lacking(slots.map(slotDigest))
    for (const slot of slots) if (lack.delete(slotDigest(slot))) open.push(slot)
    if (open.length === 0) return
    nodes = await loadChildren(loader, open.splice(-nodesAtOnce))
  }
}

function walkedNode(node: TreeNode): WalkedNode {
  const { digest, level, bytes } = node
  const entries = []
  if (level === 0) for (let i = 0; i < node.count; i++) entries.push(entryAtIndex(node, i))
  return { digest, level, bytes, children: childSlots(node).map(slotDigest), entries }
}

function childSlots(node: TreeNode): ChildSlot[] {
  return node.level === 0 ? [] : Array.from({ length: node.count }, (_, index) => ({ node, index }))
}

function slotDigest({ node, index }: ChildSlot): Digest {
  return childDigest(node, index)
}

/** Reads batches; when one fails and somebody listens, reads it again node by node. */
class TolerantReader {
  readonly #loader: NodeLoader
  readonly #onDamage: WalkOptions['onDamage']

  constructor(loader: NodeLoader, onDamage: WalkOptions['onDamage']) {
    this.#loader = loader
    this.#onDamage = onDamage
  }

  roots(digests: readonly Digest[]): Promise<readonly TreeNode[]> {
    return this.#read(
      digests,
      (batch) => loadRoots(this.#loader, batch),
      (digest) => digest,
    )
  }

  children(slots: readonly ChildSlot[]): Promise<readonly TreeNode[]> {
    return this.#read(slots, (batch) => loadChildren(this.#loader, batch), slotDigest)
  }

  async #read<T>(
    batch: readonly T[],
    load: (batch: readonly T[]) => Promise<readonly TreeNode[]>,
    nameOf: (one: T) => Digest,
  ): Promise<readonly TreeNode[]> {
    const onDamage = this.#onDamage
    if (onDamage === undefined) return load(batch)
    try {
      return await load(batch)
    } catch (error) {
      if (!isDamage(error)) throw error
    }
    const nodes: TreeNode[] = []
    for (const one of batch) {
      try {
        nodes.push(...(await load([one])))
      } catch (error) {
        if (!isDamage(error)) throw error
        onDamage(nameOf(one), error)
      }
    }
    return nodes
  }
}

function isDamage(error: unknown): error is VarveError {
  return isVarveError(error, 'STORE_DAMAGED') || isVarveError(error, 'ITEM_MISSING')
}
