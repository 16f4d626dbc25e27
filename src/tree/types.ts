import type { Digest } from '../model/index.ts'

/** One key of a tree. Keys are ordered by their UTF-8 bytes (`comparePaths`). */
export interface TreeEntry {
  readonly key: string
  /** Opaque to the tree; the room that owns the tree defines it. */
  readonly value: Uint8Array
  /** What the entry adds to the byte sums kept in parents: the file's size, or 0. */
  readonly size: number
}

/** An edit of one key: `entry` undefined deletes it. Edits of one batch name each key once. */
export interface TreeEdit {
  readonly key: string
  readonly entry: { readonly value: Uint8Array; readonly size: number } | undefined
}

/** Where nodes come from. Answers in the order asked, verified against their digest, or throws. */
export interface NodeLoader {
  load(digests: readonly Digest[]): Promise<readonly Uint8Array[]>
}

/** Where new nodes go. Called once per node that may be new; children before parents. */
export interface NodeSink {
  add(digest: Digest, bytes: Uint8Array): void
}

export interface TreeTotals {
  readonly count: number
  readonly size: number
}

/** A key that differs between two trees: no `before` is an addition, no `after` a deletion. */
export interface TreeChange {
  readonly key: string
  readonly before?: TreeEntry
  readonly after?: TreeEntry
}

/** A direct child of a directory: a file, or a directory with the totals of what is below. */
export type TreeChild =
  | { readonly kind: 'file'; readonly name: string; readonly entry: TreeEntry }
  | { readonly kind: 'directory'; readonly name: string; readonly totals: TreeTotals }

/** A key that both sides changed to different values. */
export interface TreeConflict {
  readonly key: string
  readonly base?: TreeEntry
  readonly ours?: TreeEntry
  readonly theirs?: TreeEntry
}
