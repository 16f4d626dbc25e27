import type { GcReport } from '../types/maintenance.ts'
import type { MaintenanceParts } from './maintenance.ts'
export async function collectGarbage(_parts: MaintenanceParts, dryRun: boolean): Promise<GcReport> {
  return { dryRun, liveItems: 0, liveBytes: 0, deadItems: 0, deadBytes: 0, freedBytes: 0 }
}
