import { invariant } from '../util/index.ts'
import { keyBytes, lowerBound, upperBound, type Entries } from './entries.ts'
import { loadChildren, type ChildSlot } from './node-loader.ts'
import { childDigest, lastKey, type TreeNode } from './node-reader.ts'
import type { NodeLoader } from './types.ts'
import type { Digest } from '../model/index.ts'

interface KeyGroup {
  readonly node: TreeNode
  /** Keys `[from, to)` of the batch belong below the node. */
  readonly from: number
  readonly to: number
}

/** Finds the nodes of one tree that keys belong to, level by level, and remembers what it read. */
export class PathReader {
  readonly root: TreeNode
  readonly #loader: NodeLoader
  readonly #levels: Map<Digest, TreeNode>[]

  constructor(loader: NodeLoader, root: TreeNode) {
    this.#loader = loader
    this.root = root
    this.#levels = Array.from({ length: root.level }, () => new Map<Digest, TreeNode>())
  }

  /** Loads the nodes at `level` that the keys `[from, to)` belong to, forgetting those before. */
  async fetch(level: number, keys: Entries, range: { from: number; to: number }): Promise<void> {
    if (level < this.root.level) this.#levels[level]?.clear()
    let groups: readonly KeyGroup[] = [{ node: this.root, ...range }]
    for (let above = this.root.level; above > level; above--) {
      groups = await this.#descend(groups, keys)
    }
  }

  /** The node at `level` a fetched key belongs to: the last node for keys behind all others. */
  find(level: number, key: Uint8Array): TreeNode {
    let node = this.root
    while (node.level > level) {
      const index = Math.min(lowerBound(node, key), node.count - 1)
      const child = this.#remembered({ node, index })
      invariant(child !== undefined, 'a tree node was sought before it was fetched')
      node = child
    }
    return node
  }

  /** The right neighbour of a node on its level; undefined behind the last. */
  async after(previous: TreeNode): Promise<TreeNode | undefined> {
    const key = lastKey(previous)
    let node = this.root
    while (node.level > previous.level) {
      const slot = { node, index: upperBound(node, key) }
      if (slot.index === node.count) return undefined
      node = this.#remembered(slot) ?? (await this.#load([slot]))
    }
    return node === previous ? undefined : node
  }

  isLast(node: TreeNode): boolean {
    return lastKey(node).equals(lastKey(this.root))
  }

  async #descend(groups: readonly KeyGroup[], keys: Entries): Promise<readonly KeyGroup[]> {
    const below = groups.flatMap((group) => splitGroup(group, keys))
    await this.#load(below.filter(({ slot }) => this.#remembered(slot) === undefined).map(slotOf))
    return below.map(({ slot, from, to }) => {
      const node = this.#remembered(slot)
      invariant(node !== undefined, 'a loaded tree node was forgotten')
      return { node, from, to }
    })
  }

  #remembered({ node, index }: ChildSlot): TreeNode | undefined {
    return this.#levels[node.level - 1]?.get(childDigest(node, index))
  }

  /** Loads and remembers; returns the first. */
  async #load(slots: readonly ChildSlot[]): Promise<TreeNode> {
    const nodes = await loadChildren(this.#loader, slots)
    for (const node of nodes) this.#levels[node.level]?.set(node.digest, node)
    return nodes[0] ?? this.root
  }
}

function slotOf({ slot }: { readonly slot: ChildSlot }): ChildSlot {
  return slot
}

function splitGroup(
  { node, from, to }: KeyGroup,
  keys: Entries,
): { slot: ChildSlot; from: number; to: number }[] {
  const parts = []
  let next = from
  while (next < to) {
    const index = Math.min(lowerBound(node, keyBytes(keys, next)), node.count - 1)
    const isLast = index === node.count - 1
    const end = isLast ? to : Math.min(upperBound(keys, keyBytes(node, index), next), to)
    parts.push({ slot: { node, index }, from: next, to: end })
    next = end
  }
  return parts
}
