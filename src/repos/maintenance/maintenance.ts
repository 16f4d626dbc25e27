import type { Maintenance } from '../types/maintenance.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'

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
    gc: async ({ dryRun = false } = {}) => {
      if (!dryRun) parts.catalog.checkWritable()
      const { collectGarbage } = await import('./gc.ts')
      return collectGarbage(parts, dryRun)
    },
  }
}
