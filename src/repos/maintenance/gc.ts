import type { GcReport } from '../types/maintenance.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'
import { markLive } from './mark.ts'

/**
 * Frees what neither a commit nor another room's tables name. Goes alone: no transaction runs, and
 * nobody is between adding an item and naming it, so what is not named now is dead. A dry run by a
 * reader may also count what another process has added and not named yet.
 */
export function collectGarbage(parts: MaintenanceParts, dryRun: boolean): Promise<GcReport> {
  const { catalog, reducers, tools, clock } = parts
  return tools.gate.alone(() =>
    catalog.exclusive(async () => {
      if (!dryRun) await tools.segments.sync()
      const { live, liveItems, liveBytes } = await markLive(parts, reducers.live(catalog.reader))
      const record = await catalog.makeCheckpoint(clock.now())
      const {
        segments: _,
        checkpoint,
        ...report
      } = await tools.segments.compact({
        isLive: (digests) => digests.map((digest) => live.has(digest)),
        dryRun,
        // Twice, because everything would go with the only one.
        checkpoint: record === undefined ? [] : [record, record],
      })
      if (checkpoint !== undefined && record !== undefined) {
        catalog.checkpointWritten(checkpoint, record)
      }
      return { dryRun, liveItems, liveBytes, ...report }
    }),
  )
}
