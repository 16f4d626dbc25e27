import type { CommitInfo, FileDiff, FileInfo, Store } from '../repos/index.ts'
import { CommitDraft, type CommitOptions } from './commit-draft.ts'

/** One repo, with the branch `master` where none is named: the shortest way for a program. */
export class RepoHandle {
  readonly name: string
  readonly #store: Store

  constructor(store: Store, name: string) {
    this.#store = store
    this.name = name
  }

  /**
   * Makes one commit of all that `work` puts and deletes; when it throws, nothing happens.
   *
   *     await varve.repo('images').commit(async (tx) => { await tx.put('cat.jpg', bytes) })
   */
  async commit(
    work: (tx: CommitDraft) => Promise<void>,
    options: CommitOptions = {},
  ): Promise<CommitInfo> {
    return this.#store.adding(async () => {
      const draft = new CommitDraft(this.#store, this.name, options.branch ?? 'master')
      await work(draft)
      return draft.finish(options.message)
    })
  }

  /** The whole of a file; `FILE_NOT_FOUND`. */
  async read(path: string, at = 'master'): Promise<Uint8Array> {
    return this.#store.files.read(this.#commit(at), path)
  }

  /** A file in chunks. */
  stream(path: string, at = 'master'): AsyncIterable<Uint8Array> {
    return this.#store.files.stream(this.#commit(at), path)
  }

  /** Direct children of a folder. */
  list(path = '/', at = 'master'): AsyncIterable<FileInfo> {
    return this.#store.files.list(this.#commit(at), path)
  }

  /** Every file below a path, in order of path. */
  walk(path = '/', at = 'master'): AsyncIterable<FileInfo> {
    return this.#store.files.walk(this.#commit(at), path)
  }

  /** What changed from `before` (default: the parent) to `after`. */
  diff(after = 'master', before?: string): AsyncIterable<FileDiff> {
    const base = before === undefined ? undefined : this.#commit(before)
    return this.#store.files.diff(this.#commit(after), base)
  }

  #commit(at: string): string {
    return `${this.name}@${at}`
  }
}
