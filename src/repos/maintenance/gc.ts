import type { GcReport } from '../types/maintenance.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'
import { markLive } from './mark.ts'

/** A checkpoint of nearly what its records take, as after the one before, is not worth making. */
const worthShare = 63 / 64

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
      const most = tools.segments.recordBytes() * worthShare
      const checkpoint = await catalog.planCheckpoint(clock.now(), most)
      try {
        const { segments: _, ...report } = await tools.segments.compact({
          isLive: (digests) => digests.map((digest) => live.has(digest)),
          dryRun,
          ...(checkpoint === undefined ? {} : { checkpoint }),
        })
        return { dryRun, liveItems, liveBytes, ...report }
      } finally {
        checkpoint?.close()
      }
    }),
  )
}
