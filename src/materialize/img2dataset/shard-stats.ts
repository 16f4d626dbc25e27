import { pythonJson } from './row-meta.ts'
import type { ShardRow, ShardStats } from './types.ts'

const statusLimit = 100_000

/** How the rows of a shard ended. */
export function countRows(shard: number, rows: readonly ShardRow[]): ShardStats {
  const counted = { success: 0, failed_to_download: 0, failed_to_resize: 0 }
  for (const { status } of rows) counted[status]++
  return {
    shard,
    count: rows.length,
    successes: counted.success,
    failedToDownload: counted.failed_to_download,
    failedToResize: counted.failed_to_resize,
  }
}

/** The `_stats.json` of a shard; times in ms, written in seconds. */
export function statsText(
  stats: ShardStats,
  rows: readonly ShardRow[],
  { start, end }: { readonly start: number; readonly end: number },
): string {
  return pythonJson({
    count: stats.count,
    successes: stats.successes,
    failed_to_download: stats.failedToDownload,
    failed_to_resize: stats.failedToResize,
    duration: (end - start) / 1000,
    start_time: start / 1000,
    end_time: end / 1000,
    status_dict: Object.fromEntries(statusCounts(rows)),
  })
}

/** Rows by error text; of very many different texts the rarer half is dropped, as img2dataset does. */
function statusCounts(rows: readonly ShardRow[]): Map<string, number> {
  let counts = new Map<string, number>()
  for (const { status, error } of rows) {
    if (counts.size >= statusLimit) {
      const frequent = [...counts].sort(([, a], [, b]) => b - a).slice(0, statusLimit / 2)
      counts = new Map(frequent)
    }
    const text = status === 'success' ? 'success' : (error ?? status)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return counts
}
