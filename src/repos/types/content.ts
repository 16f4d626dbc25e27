import type { Digest } from '../../model/index.ts'
import type { ReadOptions } from '../../segments/index.ts'
import type { NodeLoader, TreeChange, TreeEntry, TreeTotals } from '../../tree/index.ts'
import type { FileEdit, FileInfo } from './files.ts'
import type { RepoRef } from './values.ts'

export interface CommitTree {
  readonly root: Digest
  readonly loader: NodeLoader
}

export interface NewOutput {
  readonly path: string
  readonly bytes: Uint8Array
  readonly executable?: boolean
  /** SHA-256 of the bytes, where the caller has just computed it. */
  readonly digest?: Digest
  /**
   * Calls the item `<key>.<extension>` in its lane: outputs of one call with equal keys side by side
   * make one sample for readers of the lane (`NewItem.key` says what is promised).
   */
  readonly member?: { readonly key: string; readonly extension: string }
}

/** Low-level door for `jobs`: trees by root, items by digest. Nothing here makes a commit. */
export interface Content {
  /** Where the nodes of trees come from. */
  loader(): Promise<NodeLoader>
  /** Adds items to the repo's lane and answers edits that name them; durable with the next record. */
  addOutputs(repo: RepoRef, outputs: readonly NewOutput[]): Promise<readonly FileEdit[]>
  /** Same for one file of any size that lies on this machine's disk. */
  addLocalFile(repo: RepoRef, path: string, file: string): Promise<FileEdit>
  /** Root of a file tree after edits; `PATH_CONFLICT` with `data.conflicts`, the new nodes are stored. */
  editFiles(root: Digest, edits: readonly FileEdit[]): Promise<Digest>
  /** Root of any string-keyed tree after edits (the datums tree). `bytes` undefined deletes. */
  editTree(
    root: Digest,
    edits: readonly { key: string; bytes: Uint8Array | undefined }[],
  ): Promise<Digest>
  /** Files and bytes of a whole tree. */
  totals(root: Digest): Promise<TreeTotals>
  /** Values for keys of any tree, in the order asked. */
  entries(root: Digest, keys: readonly string[]): Promise<readonly (TreeEntry | undefined)[]>
  /** What differs between two trees, of keys that begin with a prefix; costs follow the differences. */
  changes(before: Digest, after: Digest, prefix?: string): AsyncIterable<TreeChange>
  scan(root: Digest, prefix: string): AsyncIterable<TreeEntry>
  /** Which items the store holds, in the order asked. */
  has(digests: readonly Digest[]): Promise<readonly boolean[]>
  /** Items by digest, whole, checked. */
  read(digests: readonly Digest[], options?: ReadOptions): Promise<readonly Uint8Array[]>
  stream(digest: Digest, range?: { start?: number; end?: number }): AsyncIterable<Uint8Array>
  /** Reads the value of a file tree's entry. */
  fileOf(entry: TreeEntry): Extract<FileInfo, { kind: 'file' }>
}
