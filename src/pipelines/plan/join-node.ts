import { inBatches } from '../../util/index.ts'
import { keysAtOnce, tuplesAtOnce } from './batches.ts'
import { fullDiff } from './full-diff.ts'
import {
  basePaths,
  hasMoves,
  indexBucket,
  keyMoves,
  noMoves,
  unmovedPieces,
} from './key-changes.ts'
import type { KeyedPlace, KeyMoves, MemberMoves } from './key-changes.ts'
import { buckets, joinKey, type Bucket } from './keyed-members.ts'
import type { LeafNode } from './leaf-node.ts'
import type { PlanContext, PlanNode, Side } from './plan-node.ts'
import { product, productChanges, type MemberChange } from './product.ts'
import { tupleKey, type Piece, type Tuple, type TupleChange } from './tuple.ts'

/**
 * Per key, the product of the members that have it, if every member has it; otherwise of those that
 * are `outer_join`.
 */
export class JoinNode implements PlanNode {
  readonly #members: readonly PlanNode[]

  constructor(members: readonly PlanNode[]) {
    this.#members = members
  }

  async *all(side: Side): AsyncIterable<readonly Tuple[]> {
    const seen = new Set<string>()
    const tuples = joinTuples(await buckets(this.#members, side, joinKey))
    for (const batch of inBatches(tuples, tuplesAtOnce)) {
      yield batch.filter((tuple) => seen.size !== seen.add(tupleKey(tuple)).size)
    }
  }

  changes(): AsyncIterable<readonly TupleChange[]> {
    return fullDiff(this)
  }
}

function* joinTuples(keys: readonly Bucket[]): Iterable<Tuple> {
  for (const { members } of keys) yield* product(joined(members).map(singles))
}

/** The members that take part under one key. */
function joined(members: readonly (readonly Piece[])[]): (readonly Piece[])[] {
  if (members.every((list) => list.length > 0)) return [...members]
  return members
    .map((list) => list.filter(({ leaf }) => leaf.outerJoin))
    .filter((list) => list.length > 0)
}

function singles(pieces: readonly Piece[]): Tuple[] {
  return pieces.map((piece) => [piece])
}

/** A join over repos: follows the changes through the key index. */
export class LeafJoinNode implements PlanNode {
  readonly #at: KeyedPlace

  constructor(members: readonly LeafNode[], place: string, context: PlanContext) {
    this.#at = { place, members, keyOf: joinKey, context }
  }

  async *all(side: Side): AsyncIterable<readonly Tuple[]> {
    const keys = await buckets(this.#at.members, side, joinKey)
    for (const bucket of keys) indexBucket(this.#at, bucket)
    yield* inBatches(joinTuples(keys), tuplesAtOnce)
  }

  async *changes(): AsyncIterable<readonly TupleChange[]> {
    const moves = await keyMoves(this.#at)
    for (const chunk of inBatches(moves, keysAtOnce)) {
      const keys = await this.#takingPart(chunk)
      const lists = await this.#unmoved(keys)
      yield* inBatches(chunkChanges(keys, lists), tuplesAtOnce)
    }
  }

  /** Which members had and have the key: one entry more than was removed tells. */
  async #takingPart(chunk: readonly KeyMoves[]): Promise<KeyState[]> {
    const queries = chunk.flatMap(({ key, members }) =>
      members.map(({ removed }, member) => ({ key, member, limit: removed.length + 1 })),
    )
    const answers = await basePaths(this.#at, queries)
    return chunk.map(({ key, members }, at) => {
      const base = members.map((_, member) => answers[at * members.length + member]?.length ?? 0)
      const now = members.map(({ added, removed }, member) => {
        return (base[member] ?? 0) - removed.length + added.length
      })
      return { key, moves: members, before: this.#present(base), after: this.#present(now) }
    })
  }

  #present(counts: readonly number[]): readonly number[] {
    const all = [...counts.keys()]
    if (counts.every((count) => count > 0)) return all
    return all.filter((member) => {
      return (counts[member] ?? 0) > 0 && this.#at.members[member]?.leaf.outerJoin === true
    })
  }

  /** Unmoved pieces by key and member, read only where a changed combination needs them. */
  async #unmoved(keys: readonly KeyState[]): Promise<Piece[][][]> {
    const wanted = keys.flatMap((state, at) =>
      membersNeeded(state).map((member) => ({ at, member, key: state.key })),
    )
    const paths = await basePaths(
      this.#at,
      wanted.map(({ member, key }) => ({ key, member, limit: Infinity })),
    )
    const pieces = await unmovedPieces(
      this.#at.members,
      wanted.map(({ at, member }, query) => ({
        member,
        paths: paths[query] ?? [],
        moves: keys[at]?.moves[member] ?? noMoves,
      })),
    )
    const lists = keys.map((): Piece[][] => [])
    for (const [query, { at, member }] of wanted.entries()) {
      const list = lists[at]
      if (list !== undefined) list[member] = pieces[query] ?? []
    }
    return lists
  }
}

interface KeyState {
  readonly key: string
  readonly moves: readonly MemberMoves[]
  /** Members that took part in the base, and that take part now. */
  readonly before: readonly number[]
  readonly after: readonly number[]
}

function sameMembers({ before, after }: KeyState): boolean {
  return before.join() === after.join()
}

function membersNeeded(state: KeyState): number[] {
  if (!sameMembers(state)) return [...new Set([...state.before, ...state.after])]
  // A member's unmoved pieces only ever meet what moved in another member.
  return state.after.filter((member) =>
    state.after.some((other) => other !== member && hasMoves(state.moves[other] ?? noMoves)),
  )
}

function* chunkChanges(
  keys: readonly KeyState[],
  unmoved: readonly (readonly (readonly Piece[])[])[],
): Iterable<TupleChange> {
  for (const [at, key] of keys.entries()) yield* joinChanges(key, unmoved[at] ?? [])
}

function* joinChanges(
  state: KeyState,
  unmoved: readonly (readonly Piece[])[],
): Iterable<TupleChange> {
  const moves = (member: number) => state.moves[member] ?? noMoves
  const rest = (member: number) => unmoved[member] ?? []
  if (sameMembers(state)) {
    yield* productChanges(state.after.map((member) => memberChange(rest(member), moves(member))))
    return
  }
  // Another set of members: every old datum of this key goes, every new one comes.
  const old = (member: number) => {
    return [...rest(member), ...moves(member).changed, ...moves(member).removed]
  }
  const fresh = (member: number) => {
    return [...rest(member), ...moves(member).changed, ...moves(member).added]
  }
  for (const tuple of product(state.before.map((member) => singles(old(member))))) {
    yield { kind: 'remove', tuple }
  }
  for (const tuple of product(state.after.map((member) => singles(fresh(member))))) {
    yield { kind: 'add', tuple }
  }
}

function memberChange(unaffected: readonly Piece[], moves: MemberMoves): MemberChange {
  return {
    unaffected: singles(unaffected),
    changes: [
      ...moves.added.map((piece) => ({ kind: 'add' as const, tuple: [piece] })),
      ...moves.changed.map((piece) => ({
        kind: 'change' as const,
        tuple: [piece],
        changed: [piece],
      })),
      ...moves.removed.map((piece) => ({ kind: 'remove' as const, tuple: [piece] })),
    ],
  }
}
