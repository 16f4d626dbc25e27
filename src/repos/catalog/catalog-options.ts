import type { SegmentStore } from '../../segments/index.ts'
import type { Reducers } from './reducers.ts'

export interface CatalogOptions {
  readonly segments: SegmentStore
  readonly file: string
  readonly reducers: Reducers
  readonly readOnly: boolean
  readonly checkpointPartBytes?: number | undefined
  /** Hears what was mended without being asked, in a sentence. */
  readonly notice?: (what: string) => void
}
