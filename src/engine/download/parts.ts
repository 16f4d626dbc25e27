import type { EnqueuedList, RowTable } from '../../ingest/index.ts'
import type { Materializer } from '../../materialize/index.ts'
import type { RepoKey } from '../../repos/index.ts'
import type { IngestNouns } from '../ingest.ts'
import type { IngestParts } from '../named-lists.ts'
import type { FolderState } from './folder-state.ts'

export interface DownloadParts extends IngestParts {
  readonly ingest: IngestNouns
  readonly materializer: Materializer
}

/** Lists on the bus, and the shards they are to make. */
export interface DownloadWork {
  readonly repo: RepoKey
  readonly table: RowTable
  readonly state: FolderState
  readonly lists: readonly EnqueuedList[]
}
