import type { CommitId } from '../model/index.ts'
import type { Catalog } from './catalog/catalog.ts'
import { commitFromRow } from './catalog/rows.ts'
import { commitNotFound, commitsOfSet, requireCommit, requireRepo } from './queries.ts'
import { branchKey, resolveCommit } from './resolve.ts'
import type { SubscribeOptions } from './types/store.ts'
import type { BranchKey, CommitInfo, CommitRef, CommitSet } from './types/values.ts'

/** How often the catalog is asked whether another process changed it. */
const pollMilliseconds = 200

/** Waiting for the catalog to change: at once for this process, by polling for others. */
export class Watch {
  readonly #catalog: Catalog
  #waiting = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #isClosed = false

  constructor(catalog: Catalog) {
    this.#catalog = catalog
  }

  /** Resolves at the next change, or when the store closes. */
  changed(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (this.#isClosed) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const done = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const abort = () => {
        this.#waiting.delete(done)
        reject(signal?.reason as Error)
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(done)
      this.#poll()
    })
  }

  async commit(ref: CommitRef, signal?: AbortSignal): Promise<CommitInfo> {
    const { repo, id } = resolveCommit(this.#catalog.reader, ref)
    for (;;) {
      const commit = requireCommit(this.#catalog.reader, { repo, id })
      if (commit.state === 'finished') return commit
      await this.#next(signal)
    }
  }

  async set(id: CommitId, signal?: AbortSignal): Promise<CommitSet> {
    for (;;) {
      const commits = commitsOfSet(this.#catalog.reader, id)
      if (commits.length === 0) throw commitNotFound(id)
      if (commits.every(({ state }) => state === 'finished')) return { id, commits }
      await this.#next(signal)
    }
  }

  /** Commits of a branch in the order they finish. Ends with an error when the signal aborts. */
  async *subscribe(
    branch: string | BranchKey,
    options: SubscribeOptions,
  ): AsyncIterable<CommitInfo> {
    const key = branchKey(branch)
    requireRepo(this.#catalog.reader, key.repo)
    const told = new Set<CommitId>()
    const skipUntil = this.#firstSequence(key, options)
    while (!this.#isClosed) {
      for (const commit of this.#finishedAfter(key, skipUntil)) {
        if (told.has(commit.id)) continue
        told.add(commit.id)
        yield commit
      }
      await this.#next(options.signal)
    }
  }

  wake(): void {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const done of waiting) done()
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    this.wake()
  }

  async #next(signal: AbortSignal | undefined): Promise<void> {
    await this.changed(signal)
  }

  #firstSequence({ repo }: BranchKey, options: SubscribeOptions): number {
    const db = this.#catalog.reader
    if (options.from !== undefined)
      return requireCommit(db, { repo, id: options.from }).sequence - 1
    if (options.new !== true) return 0
    return Number(db.get('SELECT max(sequence) AS last FROM commits')?.['last'] ?? 0)
  }

  #finishedAfter({ repo, branch }: BranchKey, sequence: number): readonly CommitInfo[] {
    const db = this.#catalog.reader
    return db
      .all(
        `SELECT * FROM commits WHERE repo = ? AND branch = ? AND sequence > ?
           AND finished_at IS NOT NULL ORDER BY sequence`,
        repo,
        branch,
        sequence,
      )
      .map((row) => commitFromRow(db, row))
  }

  #poll(): void {
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => {
      if (this.#waiting.size > 0) {
        void this.#look()
        return
      }
      clearInterval(this.#timer)
      this.#timer = undefined
    }, pollMilliseconds)
  }

  /** Looks that take longer than the time between two do not pile up. */
  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    try {
      if (await this.#catalog.refresh()) this.wake()
    } catch {
      // Whoever waits meets the same trouble at its next query, where somebody hears of it.
      this.wake()
    } finally {
      this.#isLooking = false
    }
  }
}
