import { inBatches } from '../../util/index.ts'
import { collect, tuplesAtOnce } from './batches.ts'
import type { PlanNode, Side } from './plan-node.ts'
import { product, productChanges, type MemberChange } from './product.ts'
import { tupleKey, type Tuple, type TupleChange } from './tuple.ts'

/** Every combination of its members' tuples. */
export class CrossNode implements PlanNode {
  readonly #members: readonly PlanNode[]

  constructor(members: readonly PlanNode[]) {
    this.#members = members
  }

  async *all(side: Side): AsyncIterable<readonly Tuple[]> {
    const [first, ...others] = this.#members
    if (first === undefined) return
    const lists: Tuple[][] = []
    for (const member of others) lists.push(await collect(member.all(side)))
    // The first member is streamed: a cross with a small second input needs little memory.
    for await (const batch of first.all(side)) {
      yield* inBatches(product([batch, ...lists]), tuplesAtOnce)
    }
  }

  async *changes(): AsyncIterable<readonly TupleChange[]> {
    const changes: TupleChange[][] = []
    for (const member of this.#members) changes.push(await collect(member.changes()))
    const moved = changes.filter((list) => list.length > 0).length
    if (moved === 0) return
    const members: MemberChange[] = []
    for (const [at, member] of this.#members.entries()) {
      const own = changes[at] ?? []
      // Where only this member moved, each of its changes meets the others, never its own rest.
      const needed = own.length === 0 || moved > 1
      members.push({ changes: own, unaffected: needed ? await unaffected(member, own) : [] })
    }
    yield* inBatches(productChanges(members), tuplesAtOnce)
  }
}

async function unaffected(member: PlanNode, changes: readonly TupleChange[]): Promise<Tuple[]> {
  const all = await collect(member.all('after'))
  if (changes.length === 0) return all
  const affected = new Set(changes.map(({ tuple }) => tupleKey(tuple)))
  return all.filter((tuple) => !affected.has(tupleKey(tuple)))
}
