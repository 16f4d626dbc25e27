import { comparePaths } from '../../model/index.ts'
import { LeafNode } from './leaf-node.ts'
import type { PlanNode, Side } from './plan-node.ts'
import { pieceKey, type Piece } from './tuple.ts'

export type KeyOf = (piece: Piece) => string

export const joinKey: KeyOf = (piece) => piece.joinOn
export const groupKey: KeyOf = (piece) => piece.groupBy

/** All pieces of one key: one list for each member of the join or group. */
export interface Bucket {
  readonly key: string
  readonly members: readonly (readonly Piece[])[]
}

/**
 * Sorts every piece of every member into its key. The pieces of a composite member's tuples are
 * taken one by one, so that an outer join or group regroups the files of inner datums.
 */
export async function buckets(
  members: readonly PlanNode[],
  side: Side,
  keyOf: KeyOf,
): Promise<Bucket[]> {
  const byKey = new Map<string, Piece[][]>()
  const listsOf = (key: string) => {
    const known = byKey.get(key)
    if (known !== undefined) return known
    const lists = members.map((): Piece[] => [])
    byKey.set(key, lists)
    return lists
  }
  for (const [member, node] of members.entries()) {
    for await (const batch of node.all(side)) {
      for (const piece of batch.flat()) listsOf(keyOf(piece))[member]?.push(piece)
    }
  }
  const found = Array.from(byKey, ([key, lists]) => ({
    key,
    // A leaf shows each file once; the tuples of a composite member can share files.
    members: lists.map((list, at) => (members[at] instanceof LeafNode ? list : distinct(list))),
  }))
  return found.sort((a, b) => comparePaths(a.key, b.key))
}

/** Each file of each input once, where it came first. */
export function distinct(pieces: readonly Piece[]): Piece[] {
  const byKey = new Map<string, Piece>()
  for (const piece of pieces) {
    const key = pieceKey(piece)
    if (!byKey.has(key)) byKey.set(key, piece)
  }
  return [...byKey.values()]
}
