import { type PlanNode, type Side } from './plan-node.ts'
import { tupleKey, type Tuple, type TupleChange } from './tuple.ts'

/**
 * The tuples of all members, one after another. `overlapping` members can have the same tuple;
 * the first one has it then. Their changes must be of the same kind at the same time, which holds for
 * leaves that differ in their glob only; the builder compares everything where it does not.
 */
export class UnionNode implements PlanNode {
  readonly #members: readonly PlanNode[]
  readonly #overlapping: boolean

  constructor(members: readonly PlanNode[], overlapping: boolean) {
    this.#members = members
    this.#overlapping = overlapping
  }

  async *all(side: Side): AsyncIterable<readonly Tuple[]> {
    const seen = new Set<string>()
    for (const member of this.#members) {
      for await (const batch of member.all(side)) {
        yield this.#overlapping ? batch.filter((tuple) => isFirst(tuple, seen)) : batch
      }
    }
  }

  async *changes(): AsyncIterable<readonly TupleChange[]> {
    const seen = new Set<string>()
    for (const member of this.#members) {
      for await (const batch of member.changes()) {
        yield this.#overlapping ? batch.filter(({ tuple }) => isFirst(tuple, seen)) : batch
      }
    }
  }
}

function isFirst(tuple: Tuple, seen: Set<string>): boolean {
  const key = tupleKey(tuple)
  if (seen.has(key)) return false
  seen.add(key)
  return true
}
