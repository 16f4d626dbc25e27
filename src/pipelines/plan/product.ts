import type { Piece, Tuple, TupleChange } from './tuple.ts'

/** Every way to take one tuple of each list; nothing when a list is empty. */
export function* product(lists: readonly (readonly Tuple[])[]): Iterable<Tuple> {
  for (const combination of combinations(lists)) yield combination.flat()
}

/** What a member of a product was and is. `unaffected` may be wrong where no other member moved. */
export interface MemberChange {
  readonly unaffected: readonly Tuple[]
  readonly changes: readonly TupleChange[]
}

/**
 * The changes of a product from the changes of its members, without visiting a combination that
 * stays as it was: member i contributes (unaffected of those before) × (its changes) × (all of those
 * after), so that each changed combination comes up exactly once.
 */
export function* productChanges(members: readonly MemberChange[]): Iterable<TupleChange> {
  for (const removing of [true, false]) {
    const stable = members.map((member) => stableIn(member, removing))
    const moved = members.map((member) => movedIn(member, removing))
    for (const [at, own] of moved.entries()) {
      if (own.length === 0) continue
      const lists = members.map((_, other) => {
        if (other < at) return stable[other] ?? []
        return other === at ? own : [...(stable[other] ?? []), ...(moved[other] ?? [])]
      })
      for (const combination of combinations<TupleState>(lists)) yield combined(combination)
    }
  }
}

/** Members of both the old and the new product: for additions, those that did not change at all. */
function stableIn({ unaffected, changes }: MemberChange, removing: boolean): TupleState[] {
  const states: TupleState[] = unaffected.map((tuple) => ({ kind: 'same', tuple }))
  if (!removing) return states
  for (const { kind, tuple } of changes) if (kind === 'change') states.push({ kind: 'same', tuple })
  return states
}

function movedIn({ changes }: MemberChange, removing: boolean): TupleChange[] {
  return changes.filter(({ kind }) => (kind === 'remove') === removing)
}

type TupleState = TupleChange | { readonly kind: 'same'; readonly tuple: Tuple }

function combined(states: readonly TupleState[]): TupleChange {
  const tuple = states.flatMap((state) => state.tuple)
  if (states.some(({ kind }) => kind === 'remove')) return { kind: 'remove', tuple }
  if (states.some(({ kind }) => kind === 'add')) return { kind: 'add', tuple }
  const changed: Piece[] = []
  for (const state of states) if (state.kind === 'change') changed.push(...state.changed)
  return { kind: 'change', tuple, changed }
}

function* combinations<T>(lists: readonly (readonly T[])[]): Iterable<T[]> {
  if (lists.length === 0 || lists.some((list) => list.length === 0)) return
  const counters = lists.map(() => 0)
  for (;;) {
    const combination: T[] = []
    for (const [at, list] of lists.entries()) {
      const item = list[counters[at] ?? 0]
      if (item !== undefined) combination.push(item)
    }
    yield combination
    let digit = lists.length - 1
    while (digit >= 0) {
      const next = (counters[digit] ?? 0) + 1
      counters[digit] = next
      if (next < (lists[digit]?.length ?? 0)) break
      counters[digit] = 0
      digit -= 1
    }
    if (digit < 0) return
  }
}
