import type { EnqueuedList, RowTable } from '../../ingest/index.ts'
import type { Materializer } from '../../materialize/index.ts'
import type { IngestNouns } from '../ingest.ts'
import type { IngestParts } from '../named-lists.ts'
import type { FolderState } from './folder-state.ts'

/** The repo a download fills. */
export const repoName = 'images'

export interface DownloadParts extends IngestParts {
  readonly ingest: IngestNouns
  readonly materializer: Materializer
}

/** Lists on the bus, and the shards they are to make. */
export interface DownloadWork {
  readonly table: RowTable
  readonly state: FolderState
  readonly lists: readonly EnqueuedList[]
}
