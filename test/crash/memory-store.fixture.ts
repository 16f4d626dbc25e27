import { jobsPropagation, jobsReducer } from '../../src/jobs/index.ts'
import { openStore, type Store } from '../../src/repos/index.ts'
import { openSegmentStore, type SegmentStore } from '../../src/segments/index.ts'
import { DiskObjects, type FileLayer } from '../../src/storage/index.ts'
import type { Random } from '../../src/util/index.ts'
import { steppingClock } from './seeded.fixture.ts'

/** Where the caches of a store lie: files of this machine, or nowhere. */
export interface CachePaths {
  readonly index: string
  readonly catalog: string
}

export const noCaches: CachePaths = { index: ':memory:', catalog: ':memory:' }

export interface OpenedStore {
  readonly store: Store
  readonly segments: SegmentStore
  readonly close: () => Promise<void>
}

export interface StoreFiles {
  readonly files: FileLayer
  readonly caches?: CachePaths
  readonly rebuildIndex?: boolean
  readonly segmentBytes?: number
  readonly random: Random
}

/** Segments so small that a dozen commits fill several; the rest is put together as the engine does. */
export async function openOver(options: StoreFiles): Promise<OpenedStore> {
  const { files, caches = noCaches, rebuildIndex = false, random } = options
  const clock = steppingClock()
  const segments = await openSegmentStore({
    objects: new DiskObjects('/', files),
    indexPath: caches.index,
    mode: 'write',
    rebuildIndex,
    clock,
    segmentBytes: options.segmentBytes ?? 24 << 10,
    bufferBytes: 4 << 10,
  })
  try {
    const store = await openStore({
      segments,
      catalogFile: caches.catalog,
      clock,
      random,
      checkpointPartBytes: 400,
      reducers: [jobsReducer],
      propagation: jobsPropagation,
    })
    const close = async (): Promise<void> => {
      try {
        await store.close()
      } finally {
        await segments.close()
      }
    }
    return { store, segments, close }
  } catch (error) {
    await segments.close()
    throw error
  }
}
