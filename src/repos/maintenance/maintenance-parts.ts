import type { Clock } from '../../util/index.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Reducers } from '../catalog/reducers.ts'
import type { Tools } from '../scope.ts'
import type { FsckFault } from '../types/maintenance.ts'

export interface MaintenanceParts {
  readonly catalog: Catalog
  readonly reducers: Reducers
  readonly tools: Tools
  readonly clock: Clock
}

export type Report = (fault: FsckFault) => void
