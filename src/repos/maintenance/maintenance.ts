import type { Clock } from '../../util/index.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Reducers } from '../catalog/reducers.ts'
import type { Tools } from '../scope.ts'
import type { Maintenance } from '../types/maintenance.ts'

export interface MaintenanceParts {
  readonly catalog: Catalog
  readonly reducers: Reducers
  readonly tools: Tools
  readonly clock: Clock
}

export function makeMaintenance(parts: MaintenanceParts): Maintenance {
  return {
    fsck: async (options = {}) => {
      const { checkStore } = await import('./fsck.ts')
      return checkStore(parts, options.readData === true)
    },
    reindex: async () => {
      parts.catalog.checkWritable()
      return { records: await parts.catalog.reindex() }
    },
    gc: async (options = {}) => {
      parts.catalog.checkWritable()
      const { collectGarbage } = await import('./gc.ts')
      return collectGarbage(parts, options.dryRun === true)
    },
  }
}
