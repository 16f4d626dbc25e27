import { invariant } from '../../util/index.ts'
import type {
  Input,
  InputView,
  InputViewPair,
  KeyIndex,
  KeyIndexEdit,
  LeafInput,
  PlanBatch,
  PlanChange,
} from '../types.ts'
import { datumId, compareInputs } from '../inputs/datum-id.ts'
import { leafInputs } from '../inputs/input-tree.ts'
import { buildNode } from './build-node.ts'
import type { PlanContext } from './plan-node.ts'
import { datumOf, type Tuple, type TupleChange } from './tuple.ts'

/**
 * Every datum of some commits, as additions, with the key index that `planChanges` will need later.
 * `viewOf` gives the files of each leaf of `input` (same value in, same value out).
 */
export async function* planAll(
  input: Input,
  viewOf: (leaf: LeafInput) => InputView,
): AsyncIterable<PlanBatch> {
  const edits = new EditList()
  const context: PlanContext = {
    view: (leaf) => viewOf(leaf),
    fileChanges: () => invariantNever('a full plan asks for no changes'),
    index: { lookup: () => invariantNever('a full plan asks for no keys') },
    editIndex: (edit) => edits.push(edit),
    fillsIndex: true,
  }
  for await (const tuples of buildNode(input, context, '').all('after')) {
    yield {
      changes: tuples.map((tuple) => ({ kind: 'add', datum: datumOf(tuple) })),
      indexEdits: edits.take(),
    }
  }
  yield* edits.rest()
}

/**
 * What differs between the datums of two states of the same inputs (equal `inputShape`). Cost follows
 * the change: unchanged datums are not listed, except by joins and groups over composite inputs.
 * `index` holds the keys of the old state: what `planAll` and later `planChanges` emitted.
 */
export async function* planChanges(
  input: Input,
  pairOf: (leaf: LeafInput) => InputViewPair,
  index: KeyIndex,
): AsyncIterable<PlanBatch> {
  const moved = leafInputs(input).some((leaf) => {
    const { before, after } = pairOf(leaf)
    return before.rootDigest !== after.rootDigest
  })
  if (!moved) return
  const edits = new EditList()
  const context: PlanContext = {
    view: (leaf, side) => pairOf(leaf)[side],
    fileChanges: (leaf, prefix) => pairOf(leaf).changes(prefix),
    index,
    editIndex: (edit) => edits.push(edit),
    fillsIndex: false,
  }
  for await (const changes of buildNode(input, context, '').changes()) {
    if (changes.length === 0) continue
    yield { changes: changes.map(planChange), indexEdits: edits.take() }
  }
  yield* edits.rest()
}

function planChange(change: TupleChange): PlanChange {
  if (change.kind === 'remove') return { kind: 'remove', id: idOf(change.tuple) }
  if (change.kind === 'add') return { kind: 'add', datum: datumOf(change.tuple) }
  return {
    kind: 'change',
    datum: datumOf(change.tuple),
    changed: change.changed.map(({ leaf, at }) => ({ name: leaf.name, path: at.path })),
  }
}

function idOf(tuple: Tuple) {
  const identities = tuple.map(({ leaf, at }) => ({
    name: leaf.name,
    project: leaf.project,
    repo: leaf.repo,
    branch: leaf.branch,
    path: at.path,
  }))
  return datumId(identities.sort(compareInputs))
}

/** Gathers edits between batches. */
class EditList {
  #edits: KeyIndexEdit[] = []

  push(edit: KeyIndexEdit): void {
    this.#edits.push(edit)
  }

  take(): readonly KeyIndexEdit[] {
    const edits = this.#edits
    this.#edits = []
    return edits
  }

  /** Keys can move without a datum moving: half of a join, say. */
  *rest(): Iterable<PlanBatch> {
    const indexEdits = this.take()
    if (indexEdits.length > 0) yield { changes: [], indexEdits }
  }
}

function invariantNever(why: string): never {
  invariant(false, why)
}
