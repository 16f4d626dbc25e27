import type { FsckReport } from '../types/maintenance.ts'
import type { MaintenanceParts } from './maintenance.ts'
export async function checkStore(
  _parts: MaintenanceParts,
  _readData: boolean,
): Promise<FsckReport> {
  return { faults: [], commits: 0, nodes: 0, items: 0, bytes: 0 }
}
