import { comparePaths } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import { EntryArena } from './entry-arena.ts'
import { noBytes } from './entries.ts'
import type { ChildEntry } from './level-writer.ts'
import type { TreeEdit } from './types.ts'

/** Sorted edits of one level: entries to put, and keys to delete. */
export interface LevelEdits {
  readonly entries: EntryArena
  /** 1 where the entry of the same number only names a key to delete. */
  readonly deletes: Uint8Array
}

export function encodeEdits(edits: Iterable<TreeEdit>): LevelEdits {
  const sorted = [...edits].sort((a, b) => comparePaths(a.key, b.key))
  const entries = new EntryArena()
  const deletes = new Uint8Array(sorted.length)
  let previous: string | undefined
  for (const { key, entry } of sorted) {
    invariant(key !== previous, `two edits of one batch name the key ${key}`)
    previous = key
    if (entry === undefined) deletes[entries.count] = 1
    entries.append(key, entry?.value ?? noBytes, entry?.size ?? 0)
  }
  return { entries, deletes }
}

/** What a parent level has to do when children were replaced. Both lists are in key order. */
export function replacementEdits(
  removed: readonly ChildEntry[],
  added: readonly ChildEntry[],
): LevelEdits {
  const entries = new EntryArena()
  const deletes = new Uint8Array(removed.length + added.length)
  let r = 0
  let a = 0
  while (r < removed.length || a < added.length) {
    const old = removed[r]
    const fresh = added[a]
    const order = compareChildren(old, fresh)
    if (order <= 0) r++
    if (order >= 0) a++
    if (order === 0 && old?.value.equals(fresh?.value ?? noBytes) === true) continue
    const edit = order < 0 ? old : fresh
    invariant(edit !== undefined, 'an edit of neither side')
    if (order < 0) deletes[entries.count] = 1
    entries.appendBytes(edit.key, edit.value, edit.size)
  }
  return { entries, deletes }
}

/** Order of two children by key; the end of a list comes last. */
function compareChildren(a: ChildEntry | undefined, b: ChildEntry | undefined): number {
  if (a === undefined) return 1
  if (b === undefined) return -1
  return Buffer.compare(a.key, b.key)
}
