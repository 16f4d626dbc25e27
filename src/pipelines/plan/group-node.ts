import { inBatches } from '../../util/index.ts'
import { keysAtOnce, tuplesAtOnce } from './batches.ts'
import { fullDiff } from './full-diff.ts'
import { basePaths, indexBucket, keyMoves, noMoves, unmovedPieces } from './key-changes.ts'
import type { KeyedPlace, KeyMoves } from './key-changes.ts'
import { buckets, distinct, groupKey, type Bucket } from './keyed-members.ts'
import type { LeafNode } from './leaf-node.ts'
import type { PlanContext, PlanNode, Side } from './plan-node.ts'
import { tupleKey, type Piece, type Tuple, type TupleChange } from './tuple.ts'

/** One tuple for each key, of all pieces of all members that have it. */
export class GroupNode implements PlanNode {
  readonly #members: readonly PlanNode[]

  constructor(members: readonly PlanNode[]) {
    this.#members = members
  }

  async *all(side: Side): AsyncIterable<readonly Tuple[]> {
    const tuples = (await buckets(this.#members, side, groupKey)).map(grouped)
    // Members that show one file under two keys can make two equal groups.
    const unlike = new Map(tuples.map((tuple) => [tupleKey(tuple), tuple]))
    yield* inBatches(unlike.values(), tuplesAtOnce)
  }

  changes(): AsyncIterable<readonly TupleChange[]> {
    return fullDiff(this)
  }
}

/** A file that two members match is in the group once. */
function grouped({ members }: Bucket): Tuple {
  return distinct(members.flat())
}

/** A group over repos: follows the changes through the key index. */
export class LeafGroupNode implements PlanNode {
  readonly #at: KeyedPlace

  constructor(members: readonly LeafNode[], place: string, context: PlanContext) {
    this.#at = { place, members, keyOf: groupKey, context }
  }

  async *all(side: Side): AsyncIterable<readonly Tuple[]> {
    const all = await buckets(this.#at.members, side, groupKey)
    for (const bucket of all) indexBucket(this.#at, bucket)
    for (const batch of inBatches(all, keysAtOnce)) yield batch.map(grouped)
  }

  async *changes(): AsyncIterable<readonly TupleChange[]> {
    for (const chunk of inBatches(await keyMoves(this.#at), keysAtOnce)) {
      const requests = chunk.flatMap(({ key, members }, at) =>
        members.map((_, member) => ({ key, member, at })),
      )
      const paths = await basePaths(
        this.#at,
        requests.map(({ key, member }) => ({ key, member, limit: Infinity })),
      )
      const unmoved = await unmovedPieces(
        this.#at.members,
        requests.map(({ at, member }, query) => ({
          member,
          paths: paths[query] ?? [],
          moves: chunk[at]?.members[member] ?? noMoves,
        })),
      )
      let query = 0
      yield chunk.flatMap((moves) => {
        const lists = unmoved.slice(query, (query += moves.members.length))
        return groupChanges(moves, lists)
      })
    }
  }
}

function groupChanges({ members }: KeyMoves, unmoved: readonly Piece[][]): TupleChange[] {
  const old = distinct(
    members.flatMap((moves, at) => [...(unmoved[at] ?? []), ...moves.changed, ...moves.removed]),
  )
  const tuple = distinct(
    members.flatMap((moves, at) => [...(unmoved[at] ?? []), ...moves.changed, ...moves.added]),
  )
  if (old.length > 0 && tuple.length > 0 && tupleKey(old) === tupleKey(tuple)) {
    return [{ kind: 'change', tuple, changed: members.flatMap(({ changed }) => changed) }]
  }
  // Other members, other id: the old datum goes and a new one comes.
  const changes: TupleChange[] = []
  if (old.length > 0) changes.push({ kind: 'remove', tuple: old })
  if (tuple.length > 0) changes.push({ kind: 'add', tuple })
  return changes
}
