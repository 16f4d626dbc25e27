import { compareEntryKeys, sameEntries, samePayload } from './entries.ts'
import type { ChildSlot } from './node-loader.ts'
import type { NodeStream } from './node-stream.ts'

/** An entry only one side has, or the two entries of a key that differ. */
export type Difference = readonly [left: ChildSlot | undefined, right: ChildSlot | undefined]

/**
 * Joins two streams by key and answers, in batches, where they differ. Stretches of entries whose
 * bytes are equal are passed without a look at their keys, so that nodes with one change each cost
 * little more than their reading.
 */
export async function* joinStreams(
  left: NodeStream,
  right: NodeStream,
): AsyncGenerator<readonly Difference[]> {
  for (;;) {
    if (left.needsNode) await left.advance()
    if (right.needsNode) await right.advance()
    if (left.node === undefined && right.node === undefined) return
    const differences = joinNodes(left, right)
    if (differences.length > 0) yield differences
  }
}

/** Joins the nodes at hand until one of them runs out. */
function joinNodes(left: NodeStream, right: NodeStream): Difference[] {
  const differences: Difference[] = []
  while (left.isReady && right.isReady) {
    const order = compareAt(left, right)
    if (order === 0) {
      if (!passEqual(left, right)) differences.push([slotOf(left), slotOf(right)])
    } else if (order < 0) differences.push([slotOf(left), undefined])
    else differences.push([undefined, slotOf(right)])
    if (order <= 0) left.at++
    if (order >= 0) right.at++
  }
  return differences
}

/**
 * Are the entries at hand, of one key, equal? Then goes to about the last of the equal stretch that
 * starts with them, in halving steps.
 */
function passEqual(left: NodeStream, right: NodeStream): boolean {
  const { node: a } = left
  const { node: b } = right
  if (a === undefined || b === undefined || !samePayload(a, left.at, b, right.at)) return false
  let rest = Math.min(left.end - left.at, right.end - right.at) - 1
  for (let step = rest; step >= 1; step >>= 1) {
    if (step > rest || !sameEntries(a, left.at + 1, b, { from: right.at + 1, count: step }))
      continue
    left.at += step
    right.at += step
    rest -= step
  }
  return true
}

/** Order of the entries at hand; the end of a stream comes last. */
function compareAt(left: NodeStream, right: NodeStream): number {
  if (left.node === undefined) return 1
  if (right.node === undefined) return -1
  return compareEntryKeys(left.node, left.at, right.node, right.at)
}

function slotOf({ node, at }: NodeStream): ChildSlot | undefined {
  return node === undefined ? undefined : { node, index: at }
}
