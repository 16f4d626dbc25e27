import { invariant } from '../util/index.ts'
import { slotsInRange, type ByteRange } from './key-range.ts'
import { loadChildren, type ChildSlot } from './node-loader.ts'
import type { TreeNode } from './node-reader.ts'
import type { NodeLoader } from './types.ts'

/** A node that is known but need not be read yet: a child of a read node, or a root. */
export type PendingNode = ChildSlot | TreeNode

const firstWave = 2
const largestWave = 64

/** The entries of some nodes of one level, in key order, read in growing waves. */
export class NodeStream {
  /** The node at hand and the entries `[at, end)` left of it; undefined behind the last node. */
  node: TreeNode | undefined
  at = 0
  end = 0
  readonly #loader: NodeLoader
  readonly #pending: readonly PendingNode[]
  readonly #range: ByteRange
  #next = 0
  #wave = firstWave
  #opened: TreeNode[] = []

  constructor(loader: NodeLoader, pending: readonly PendingNode[], range: ByteRange) {
    this.#loader = loader
    this.#pending = pending
    this.#range = range
  }

  /** Has the node at hand run out? Then `advance` comes next. */
  get needsNode(): boolean {
    return this.at >= this.end
  }

  /** Is the next entry at hand, or the stream at its end? */
  get isReady(): boolean {
    return this.node === undefined || !this.needsNode
  }

  /** Goes to the next node that has entries in the range. */
  async advance(): Promise<void> {
    this.node = undefined
    while (this.node === undefined) {
      const node = this.#opened.pop()
      if (node !== undefined) {
        const { from, to } = slotsInRange(node, this.#range)
        if (from === to) continue
        this.node = node
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
    this.#opened = (await openNodes(this.#loader, wave)).reverse()
  }
}

async function openNodes(loader: NodeLoader, pending: readonly PendingNode[]): Promise<TreeNode[]> {
  const slots: ChildSlot[] = []
  for (const one of pending) if ('index' in one) slots.push(one)
  const children = (await loadChildren(loader, slots)).values()
  return pending.map((one) => {
    const node = 'index' in one ? children.next().value : one
    invariant(node !== undefined, 'fewer children were loaded than asked for')
    return node
  })
}
