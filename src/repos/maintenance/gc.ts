import type { GcReport } from '../types/maintenance.ts'
import type { MaintenanceParts } from './maintenance.ts'
import { markLive } from './mark.ts'

/**
 * Frees what neither a commit nor another room's tables name. Goes alone: no transaction runs, and
 * nobody is between adding an item and naming it, so what is not named now is dead.
 */
export function collectGarbage(parts: MaintenanceParts, dryRun: boolean): Promise<GcReport> {
  const { catalog, reducers, tools } = parts
  return tools.gate.alone(() =>
    catalog.exclusive(async () => {
      await tools.segments.sync()
      const { live, liveItems, liveBytes } = await markLive(parts, reducers.live(catalog.reader))
      const { deadItems, freedBytes, copiedBytes } = await tools.segments.compact({
        isLive: (digests) => digests.map((digest) => live.has(digest)),
        dryRun,
      })
      return { dryRun, liveItems, liveBytes, deadItems, freedBytes, copiedBytes }
    }),
  )
}
