import type { Digest } from '../../model/index.ts'
import type { BranchKey, CommitInfo, CommitRef } from './values.ts'

export type FileInfo =
  | {
      readonly kind: 'file'
      readonly path: string
      readonly digest: Digest
      readonly size: number
      readonly executable: boolean
    }
  | {
      readonly kind: 'directory'
      readonly path: string
      readonly size: number
      readonly count: number
      /** SHA-256 of the lines `<path inside> NUL <digest> LF` of its files in order; `inspect` alone tells it. */
      readonly digest?: Digest
    }

/** One file to put; `path` is where it goes in the repo. */
export type FileSource =
  | {
      readonly kind: 'bytes'
      readonly path: string
      readonly bytes: Uint8Array
      readonly executable?: boolean
    }
  /** Opened once; what does not fit in memory is spooled to a temporary file. */
  | {
      readonly kind: 'stream'
      readonly path: string
      readonly open: () => AsyncIterable<Uint8Array>
      readonly executable?: boolean
    }
  /** A file of this machine. */
  | { readonly kind: 'local'; readonly path: string; readonly file: string }
  /** http(s) or file URL. */
  | { readonly kind: 'url'; readonly path: string; readonly url: string }

export type FileSources = Iterable<FileSource> | AsyncIterable<FileSource>

export interface WriteOptions {
  readonly message?: string
  /** Add to what the path holds instead of replacing it. */
  readonly append?: boolean
}

/** A path test that tells where to look: only paths beginning with `prefix` can match. */
export interface PathMatcher {
  readonly prefix: string
  matches(path: string): boolean
}

export interface FileDiff {
  readonly path: string
  readonly kind: 'file' | 'directory'
  readonly before?: FileInfo
  readonly after?: FileInfo
}

/** An edit of a file tree by digest, for those that have added the items themselves. */
export interface FileEdit {
  readonly path: string
  readonly file:
    | { readonly digest: Digest; readonly size: number; readonly executable?: boolean }
    | undefined
}

/**
 * Writes go to a branch (into its open commit, else a commit of their own, made and finished in one
 * record) or to an open commit by id; a finished commit answers `COMMIT_FINISHED`. Reads take any
 * commit; a branch whose head is errored or still being computed shows the last good one.
 */
export interface Files {
  put(target: CommitRef, sources: FileSources, options?: WriteOptions): Promise<CommitInfo>
  /** Files, and directories with all below. What is missing is no error; "/" empties. */
  delete(
    target: CommitRef,
    paths: readonly string[],
    options?: { message?: string },
  ): Promise<CommitInfo>
  /** A file or a directory from any commit of any repo; moves no bytes. */
  copy(
    target: CommitRef,
    from: CopySource,
    path: string,
    options?: WriteOptions,
  ): Promise<CommitInfo>
  edit(
    target: CommitRef,
    edits: readonly FileEdit[],
    options?: { message?: string },
  ): Promise<CommitInfo>

  read(commit: CommitRef, path: string): Promise<Uint8Array>
  stream(
    commit: CommitRef,
    path: string,
    range?: { start?: number; end?: number },
  ): AsyncIterable<Uint8Array>
  inspect(commit: CommitRef, path: string): Promise<FileInfo>
  find(commit: CommitRef, path: string): Promise<FileInfo | undefined>
  /** Direct children of a directory, directories with recursive sizes. */
  list(commit: CommitRef, path?: string): AsyncIterable<FileInfo>
  /** Every file below a path, in tree order. */
  walk(commit: CommitRef, path?: string): AsyncIterable<FileInfo>
  glob(commit: CommitRef, matcher: PathMatcher): AsyncIterable<FileInfo>
  /** From `before` (default: the parent of `after`) to `after`; changed directories included. */
  diff(after: CommitRef, before?: CommitRef, options?: DiffOptions): AsyncIterable<FileDiff>
  merge(into: string | BranchKey, from: CommitRef, options?: MergeOptions): Promise<MergeOutcome>
}

export interface CopySource {
  readonly commit: CommitRef
  readonly path: string
}

export interface DiffOptions {
  readonly path?: string
  /** Only direct children of `path`. */
  readonly shallow?: boolean
}

export interface MergeOptions {
  /** Which side wins where both changed a path; without it conflicts are reported and nothing changes. */
  readonly prefer?: 'ours' | 'theirs'
  readonly message?: string
}

export interface MergeConflict {
  readonly path: string
  readonly base?: FileInfo
  readonly ours?: FileInfo
  readonly theirs?: FileInfo
}

export type MergeOutcome =
  | { readonly kind: 'merged'; readonly commit: CommitInfo }
  | { readonly kind: 'up to date' }
  | { readonly kind: 'conflict'; readonly conflicts: readonly MergeConflict[] }
