import { invariant } from '../../util/index.ts'
import type { KeyIndexQuery } from '../types.ts'
import type { LeafNode } from './leaf-node.ts'
import type { PlanContext } from './plan-node.ts'
import type { Bucket, KeyOf } from './keyed-members.ts'
import type { Piece, TupleChange } from './tuple.ts'

/** What moved among the pieces of one member under one key. */
export interface MemberMoves {
  readonly added: Piece[]
  readonly changed: Piece[]
  readonly removed: Piece[]
}

/** One key with at least one move; a list for each member. */
export interface KeyMoves {
  readonly key: string
  readonly members: readonly MemberMoves[]
}

/** Where a join or group over leaves keeps its keys. */
export interface KeyedPlace {
  readonly place: string
  readonly members: readonly LeafNode[]
  readonly keyOf: KeyOf
  readonly context: PlanContext
}

export const noMoves: MemberMoves = { added: [], changed: [], removed: [] }

export function hasMoves({ added, changed, removed }: MemberMoves): boolean {
  return added.length + changed.length + removed.length > 0
}

/** Puts every piece of a bucket into the index: done once, when all datums are listed. */
export function indexBucket({ place, context }: KeyedPlace, { key, members }: Bucket): void {
  if (!context.fillsIndex) return
  for (const [member, list] of members.entries()) {
    for (const { at } of list) {
      context.editIndex({ op: 'put', node: place, key, member, path: at.path })
    }
  }
}

/** The keys that moved, and on the way the edits that bring the index to the new commit. */
export async function keyMoves(at: KeyedPlace): Promise<KeyMoves[]> {
  const byKey = new Map<string, MemberMoves[]>()
  for (const [member, node] of at.members.entries()) {
    for await (const batch of node.changes()) {
      for (const change of batch) noteChange(at, member, change, byKey)
    }
  }
  return Array.from(byKey, ([key, members]) => ({ key, members }))
}

function noteChange(
  { place, members, keyOf, context }: KeyedPlace,
  member: number,
  { kind, tuple }: TupleChange,
  byKey: Map<string, MemberMoves[]>,
): void {
  const [piece] = tuple
  invariant(piece !== undefined, 'a leaf changes one piece at a time')
  const key = keyOf(piece)
  const moves = byKey.get(key) ?? members.map(emptyMoves)
  byKey.set(key, moves)
  const own = moves[member] ?? emptyMoves()
  if (kind === 'change') {
    own.changed.push(piece)
    return
  }
  const list = kind === 'add' ? own.added : own.removed
  list.push(piece)
  const op = kind === 'add' ? 'put' : 'delete'
  context.editIndex({ op, node: place, key, member, path: piece.at.path })
}

function emptyMoves(): MemberMoves {
  return { added: [], changed: [], removed: [] }
}

/** One list of base paths for each query, in one question to the index. */
export async function basePaths(
  { place, context }: KeyedPlace,
  queries: readonly Omit<KeyIndexQuery, 'node'>[],
): Promise<readonly (readonly string[])[]> {
  if (queries.length === 0) return []
  return context.index.lookup(queries.map((query) => ({ node: place, ...query })))
}

/**
 * The pieces that stayed as they were, one list for each request: `paths` of the base less those
 * that moved, read at the new commit in one question for each member.
 */
export async function unmovedPieces(
  members: readonly LeafNode[],
  requests: readonly { member: number; paths: readonly string[]; moves: MemberMoves }[],
): Promise<Piece[][]> {
  const wanted = requests.map(({ paths, moves }) => {
    const moved = new Set([...moves.changed, ...moves.removed].map(({ at }) => at.path))
    return moved.size === 0 ? paths : paths.filter((path) => !moved.has(path))
  })
  const results: Piece[][] = requests.map(() => [])
  for (const [member, node] of members.entries()) {
    const mine = [...requests.keys()].filter((at) => requests[at]?.member === member)
    const paths = mine.flatMap((at) => [...(wanted[at] ?? [])])
    if (paths.length === 0) continue
    const pieces = new Map((await node.pieces(paths)).map((piece) => [piece.at.path, piece]))
    for (const at of mine) {
      results[at] = (wanted[at] ?? []).flatMap((path) => pieces.get(path) ?? [])
    }
  }
  return results
}
