import { Journal } from '../target/journal.ts'
import { isWhole } from '../target/measure.ts'
import { rootEntries } from '../target/root-entries.ts'
import { journalPath } from '../target/target-folder.ts'

/** The view all runs of this layout share in a target. */
export const view = 'img2dataset'

const statsName = /^(\d+)_stats\.json$/

/**
 * Shards below `target` that are done, by number: they have their stats, and (if we wrote them) all
 * their files in the sizes they were written with. What img2dataset itself wrote is done when it has
 * its stats, as img2dataset takes it.
 */
export async function finishedShards(target: string): Promise<ReadonlySet<number>> {
  const { parts, ours } = await Journal.read(journalPath(target, view))
  const done = [...(await statsFiles(target))].filter(([number, name]) => {
    const part = parts.get(String(number))
    return part === undefined ? !ours.has(name) : isWhole(target, part)
  })
  return new Set(done.map(([number]) => number))
}

/** One above the highest number there: the first that a list to be added may have. */
export async function nextShard(target: string): Promise<number> {
  let next = 0
  for (const number of (await statsFiles(target)).keys()) next = Math.max(next, number + 1)
  return next
}

/** Names of the stats by shard. Other `.json` files are none of ours and pass. */
async function statsFiles(target: string): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>()
  for (const name of await rootEntries(target)) {
    const digits = statsName.exec(name)?.[1]
    if (digits !== undefined) found.set(Number(digits), name)
  }
  return found
}
