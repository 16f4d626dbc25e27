import { keyBytes, noBytes } from './entries.ts'
import { slotsInRange, type ByteRange } from './key-range.ts'
import { loadChildren, type ChildSlot } from './node-loader.ts'
import type { TreeNode } from './node-reader.ts'
import type { NodeLoader } from './types.ts'

/** Next in key order: some entries `[from, to)` of a leaf, or a subtree that was not opened. */
export type RangeStep =
  | {
      readonly kind: 'entries'
      readonly node: TreeNode
      readonly from: number
      readonly to: number
    }
  | { readonly kind: 'subtree'; readonly node: TreeNode; readonly index: number }

export interface RangeWalk {
  readonly loader: NodeLoader
  readonly range: ByteRange
  /** May a subtree stay closed whose keys are all behind `before`, up to and including `last`? */
  readonly keepClosed?: (before: Uint8Array, last: Uint8Array) => boolean
}

/** Children read at once: few at first, for callers that stop early, then more. */
const firstWave = 2
const largestWave = 64

/** Walks the entries of a range in key order; reads the nodes of one parent in waves. */
export function walkRange(walk: RangeWalk, root: TreeNode): AsyncGenerator<readonly RangeStep[]> {
  return visit({ ...walk, wave: firstWave }, root, noBytes)
}

interface Walking extends RangeWalk {
  wave: number
}

async function* visit(
  walk: Walking,
  node: TreeNode,
  floor: Uint8Array,
): AsyncGenerator<readonly RangeStep[]> {
  const { from, to } = slotsInRange(node, walk.range)
  if (node.level === 0) {
    if (from < to) yield [{ kind: 'entries', node, from, to }]
    return
  }
  let next = from
  while (next < to) {
    const { slots, end } = nextWave(walk, node, { from: next, to, floor })
    const opened = (await loadChildren(walk.loader, slots)).values()
    walk.wave = Math.min(walk.wave * 2, largestWave)
    const isOpen = new Set(slots.map((slot) => slot.index))
    let steps: RangeStep[] = []
    for (; next < end; next++) {
      const child = isOpen.has(next) ? opened.next().value : undefined
      if (child === undefined || child.level === 0) {
        steps.push(...stepsAt(walk, { node, index: next }, child))
        continue
      }
      if (steps.length > 0) yield steps
      steps = []
      yield* visit(walk, child, keyBefore(node, next, floor))
    }
    if (steps.length > 0) yield steps
  }
}

/** A closed subtree as such, or what an opened leaf has in the range. */
function stepsAt(walk: Walking, slot: ChildSlot, leaf: TreeNode | undefined): RangeStep[] {
  if (leaf === undefined) return [{ kind: 'subtree', ...slot }]
  const part = slotsInRange(leaf, walk.range)
  return part.from < part.to ? [{ kind: 'entries', node: leaf, ...part }] : []
}

/** The children to open next, and where the wave ends: closed ones do not count. */
function nextWave(
  { wave, keepClosed }: Walking,
  node: TreeNode,
  part: { readonly from: number; readonly to: number; readonly floor: Uint8Array },
): { slots: readonly ChildSlot[]; end: number } {
  const slots: ChildSlot[] = []
  let end = part.from
  for (; end < part.to && slots.length < wave; end++) {
    const isClosed =
      keepClosed !== undefined && keepClosed(keyBefore(node, end, part.floor), keyBytes(node, end))
    if (!isClosed) slots.push({ node, index: end })
  }
  return { slots, end }
}

function keyBefore(node: TreeNode, index: number, floor: Uint8Array): Uint8Array {
  return index === 0 ? floor : keyBytes(node, index - 1)
}
