import { join } from 'node:path'
import { openSegmentStore } from '../segments/index.ts'
import { DiskObjects } from '../storage/index.ts'
import { systemClock, systemRandom } from '../util/index.ts'
import { openStore } from './store.ts'
import type { Store, StoreOptions } from './types/store.ts'

export interface DiskStore {
  readonly store: Store
  readonly close: () => Promise<void>
}

type Extra = Partial<
  Pick<StoreOptions, 'notice' | 'reducers' | 'checkpointPartBytes' | 'catalogFile'>
> & {
  readonly files?: ConstructorParameters<typeof DiskObjects>[1]
}

/** A store in a folder, as every process opens it. */
export async function openOnDisk(
  folder: string,
  mode: 'read' | 'write',
  { files, ...extra }: Extra = {},
): Promise<DiskStore> {
  const segments = await openSegmentStore({
    objects: new DiskObjects(files === undefined ? join(folder, 'objects') : '/', files),
    indexPath: join(folder, 'index.sqlite'),
    mode,
    lockDirectory: folder,
  })
  const store = await openStore({
    catalogFile: join(folder, 'catalog.sqlite'),
    ...extra,
    segments,
    clock: systemClock,
    random: systemRandom,
    readOnly: mode === 'read',
    temporaryDirectory: folder,
  }).catch(async (error: unknown) => {
    await segments.close()
    throw error
  })
  return {
    store,
    close: async () => {
      await store.close()
      await segments.close()
    },
  }
}
