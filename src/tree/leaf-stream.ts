import type { Digest } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import { slotsInRange, type ByteRange } from './key-range.ts'
import { loadChildren, type ChildSlot } from './node-loader.ts'
import type { TreeNode } from './node-reader.ts'
import type { NodeLoader } from './types.ts'

/** A node that is known but need not be read yet: a child of a read node, or a root. */
export interface PendingNode {
  readonly digest: Digest
  readonly level: number
  readonly source: ChildSlot | TreeNode
}

export function pendingRoot(root: TreeNode): PendingNode {
  return { digest: root.digest, level: root.level, source: root }
}

export async function openNodes(
  loader: NodeLoader,
  pending: readonly PendingNode[],
): Promise<readonly TreeNode[]> {
  const slots: ChildSlot[] = []
  for (const { source } of pending) if ('index' in source) slots.push(source)
  const children = (await loadChildren(loader, slots)).values()
  return pending.map(({ source }) => {
    const node = 'index' in source ? children.next().value : source
    invariant(node !== undefined, 'fewer children were loaded than asked for')
    return node
  })
}

const largestWave = 64

/** The entries of some leaves, in order, read in growing waves. */
export class LeafStream {
  /** The leaf at hand and the entries `[at, end)` left of it; undefined behind the last leaf. */
  leaf: TreeNode | undefined
  at = 0
  end = 0
  readonly #loader: NodeLoader
  readonly #pending: readonly PendingNode[]
  readonly #range: ByteRange
  #next = 0
  #wave = 2
  #opened: TreeNode[] = []

  constructor(loader: NodeLoader, pending: readonly PendingNode[], range: ByteRange) {
    this.#loader = loader
    this.#pending = pending
    this.#range = range
  }

  /** Has the leaf at hand run out? Then `advance` comes next. */
  get needsLeaf(): boolean {
    return this.at >= this.end
  }

  /** Goes to the next leaf that has entries in the range. */
  async advance(): Promise<void> {
    this.leaf = undefined
    while (this.leaf === undefined) {
      const leaf = this.#opened.pop()
      if (leaf !== undefined) {
        const { from, to } = slotsInRange(leaf, this.#range)
        if (from === to) continue
        this.leaf = leaf
        this.at = from
        this.end = to
      } else if (this.#next < this.#pending.length) {
        await this.#openWave()
      } else {
        return
      }
    }
  }

  async #openWave(): Promise<void> {
    const wave = this.#pending.slice(this.#next, this.#next + this.#wave)
    this.#next += wave.length
    this.#wave = Math.min(this.#wave * 2, largestWave)
    this.#opened = [...(await openNodes(this.#loader, wave))].reverse()
  }
}
