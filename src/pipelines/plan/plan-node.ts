import type { InputView, KeyIndex, KeyIndexEdit, LeafInput, InputViewPair } from '../types.ts'
import type { Tuple, TupleChange } from './tuple.ts'

export type Side = 'before' | 'after'

/** One input of the spec, ready to be asked which datums it has and which of them moved. */
export interface PlanNode {
  /** Every tuple on one side, no two with the same key. */
  all(side: Side): AsyncIterable<readonly Tuple[]>
  /** What differs between the sides, each key once. */
  changes(): AsyncIterable<readonly TupleChange[]>
}

/** What nodes need of the world. */
export interface PlanContext {
  view(leaf: LeafInput, side: Side): InputView
  fileChanges(leaf: LeafInput, prefix: string): ReturnType<InputViewPair['changes']>
  readonly index: KeyIndex
  /** Called for every key entry of the new commit that the index lacks or has too many. */
  editIndex(edit: KeyIndexEdit): void
  /** True while all datums are listed for the first time, and with them all keys. */
  readonly fillsIndex: boolean
}
