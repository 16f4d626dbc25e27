import type { Clock } from '../../util/index.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Reducers } from '../catalog/reducers.ts'
import type { Tools } from '../scope.ts'
import type { Maintenance } from '../types/maintenance.ts'
import { checkStore } from './fsck.ts'
import { collectGarbage } from './gc.ts'

export interface MaintenanceParts {
  readonly catalog: Catalog
  readonly reducers: Reducers
  readonly tools: Tools
  readonly clock: Clock
}

export function makeMaintenance(parts: MaintenanceParts): Maintenance {
  return {
    fsck: (options = {}) => checkStore(parts, options.readData === true),
    reindex: async () => ({ records: await parts.catalog.reindex() }),
    gc: (options = {}) => collectGarbage(parts, options.dryRun === true),
  }
}
