import type { PlanNode } from './plan-node.ts'
import { tupleKey, type Piece, type Tuple, type TupleChange } from './tuple.ts'

/**
 * The changes of a node by listing both sides: right for every shape, and in proportion to all
 * datums. Used only for joins and groups over composite inputs and for unions whose members can
 * produce the same datum.
 */
export async function* fullDiff(node: PlanNode): AsyncIterable<readonly TupleChange[]> {
  const before = new Map<string, Tuple>()
  for await (const batch of node.all('before')) {
    for (const tuple of batch) before.set(tupleKey(tuple), tuple)
  }
  for await (const batch of node.all('after')) {
    const changes: TupleChange[] = []
    for (const tuple of batch) {
      const key = tupleKey(tuple)
      const old = before.get(key)
      before.delete(key)
      if (old === undefined) changes.push({ kind: 'add', tuple })
      else changes.push(...changeBetween(old, tuple))
    }
    yield changes
  }
  yield Array.from(before.values(), (tuple) => ({ kind: 'remove' as const, tuple }))
}

function changeBetween(old: Tuple, tuple: Tuple): TupleChange[] {
  const contents = new Map(old.map((piece) => [contentKey(piece), piece]))
  const changed = tuple.filter((piece) => !contents.has(contentKey(piece)))
  return changed.length === 0 ? [] : [{ kind: 'change', tuple, changed }]
}

function contentKey({ leaf, at, joinOn, groupBy }: Piece): string {
  const content = leaf.reference ? [] : [at.digest, at.executable]
  return JSON.stringify([
    leaf.name,
    leaf.project,
    leaf.repo,
    leaf.branch,
    at.path,
    content,
    joinOn,
    groupBy,
    leaf.emptyFiles,
  ])
}
