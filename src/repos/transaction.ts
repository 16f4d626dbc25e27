import type { CommitId } from '../model/index.ts'
import type { CatalogDb } from './catalog/catalog-db.ts'
import type { CatalogSession } from './catalog/catalog.ts'
import { eventsOf } from './events.ts'
import { makeNouns } from './nouns.ts'
import { propagate } from './propagate.ts'
import { findBranch, findCommit, showBranch, showCommit } from './queries.ts'
import type { Tools, Tx } from './scope.ts'
import type { CatalogOp, StoreEvent } from './types/catalog.ts'
import type { Propagation } from './types/propagation.ts'
import type { Nouns, StoreTx } from './types/transaction.ts'
import type { BranchKey, CommitInfo, CommitKey, RepoKey } from './types/values.ts'

/** One transaction: gathers ops, remembers what moved, and ends with one propagation. */
export class Transaction implements StoreTx, Tx {
  readonly db: CatalogDb
  readonly at: number
  readonly tools: Tools
  readonly projects: Nouns['projects']
  readonly repos: Nouns['repos']
  readonly branches: Nouns['branches']
  readonly commits: Nouns['commits']
  readonly tags: Nouns['tags']
  readonly files: Nouns['files']
  readonly #session: CatalogSession
  readonly #announced: StoreEvent[] = []
  #id: CommitId | undefined
  #written: BranchKey[] = []
  #moved = new Map<string, BranchKey>()
  #finished = new Map<string, CommitKey>()
  #removed = new Map<string, CommitKey>()
  #deleted: { readonly repo: RepoKey; readonly force: boolean }[] = []
  #reran: CommitInfo[] = []

  constructor(session: CatalogSession, at: number, tools: Tools) {
    this.db = session.db
    this.at = at
    this.tools = tools
    this.#session = session
    const { projects, repos, branches, commits, tags, files } = makeNouns(this)
    this.projects = projects
    this.repos = repos
    this.branches = branches
    this.commits = commits
    this.tags = tags
    this.files = files
  }

  get id(): CommitId {
    this.#id ??= this.tools.random.uuidHex() as CommitId
    return this.#id
  }

  adoptId(id: CommitId): void {
    this.#id ??= id
  }

  emit(op: CatalogOp): void {
    this.#session.emit(op)
  }

  announce(event: Omit<StoreEvent, 'at'>): void {
    this.#announced.push({ ...event, at: this.at })
  }

  async write<T>(work: (tx: Tx) => Promise<T> | T): Promise<T> {
    return work(this)
  }

  adding<T>(work: () => Promise<T>): Promise<T> {
    return work()
  }

  moved(branch: BranchKey): void {
    this.#moved.set(showBranch(branch), branch)
  }

  written(branch: BranchKey): void {
    this.#written.push(branch)
  }

  finished(commit: CommitKey): void {
    this.#finished.set(showCommit(commit), commit)
  }

  removed(commit: CommitKey): void {
    this.#removed.set(showCommit(commit), commit)
  }

  deleted(repo: RepoKey, { force }: { readonly force: boolean }): void {
    this.#deleted.push({ repo, force })
  }

  reran(commit: CommitInfo): void {
    this.#reran.push(commit)
    this.moved({ repo: commit.repo, branch: commit.branch })
  }

  /** Lets `jobs` refuse what was done. */
  async judge(propagation: Propagation): Promise<void> {
    if (this.#written.length > 0) await propagation.written?.(this, this.#written)
    for (const { repo, force } of this.#deleted) propagation.deleted?.(this, repo, { force })
  }

  /** Lets `jobs` join in, and opens what the moved branches cause. The last step before the record. */
  async end(propagation: Propagation): Promise<void> {
    await this.judge(propagation)
    const finished = [...this.#finished.values()].flatMap((key) => findCommit(this.db, key) ?? [])
    const good = finished.filter((commit) => commit.error === undefined)
    if (good.length > 0) await propagation.finished?.(this, good)
    const moved = [...this.#moved.values()].filter((key) => findBranch(this.db, key) !== undefined)
    const created = [...this.#reran, ...propagate(this, moved)]
    if (created.length > 0) await propagation.created?.(this, created)
    const removed = [...this.#removed.values()]
    if (removed.length > 0) await propagation.removed?.(this, removed)
  }

  /** What to tell once the record is durable. */
  events(): readonly StoreEvent[] {
    return [...eventsOf(this.#session.ops, this.at), ...this.#announced]
  }
}
