import type { CommitId } from '../../model/index.ts'
import type { CatalogDb } from '../catalog/catalog-db.ts'
import type { CatalogOp, StoreEvent } from './catalog.ts'
import type { Files } from './files.ts'
import type { Branches, Commits, Projects, Repos, Tags } from './nouns.ts'

export interface Nouns {
  readonly projects: Projects
  readonly repos: Repos
  readonly branches: Branches
  readonly commits: Commits
  readonly tags: Tags
  readonly files: Files
}

/** What a rehearsal may try: deletions of these. */
export type Rehearsal = Pick<Nouns, 'projects' | 'repos' | 'branches' | 'commits' | 'tags'>

/** A transaction: all its changes become one record and share one id, or none happen. */
export interface StoreTx extends Nouns {
  /** Tables as this transaction sees them. */
  readonly db: CatalogDb
  /** Time of the record, ms since the epoch. */
  readonly at: number
  /** The id every commit opened in this transaction gets. */
  readonly id: CommitId
  /** Adds an op of any registered kind and applies it at once. */
  emit(op: CatalogOp): void
  /** Told after the record is durable. */
  announce(event: Omit<StoreEvent, 'at'>): void
}
