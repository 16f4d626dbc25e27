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
  const { parts } = await Journal.read(journalPath(target, view))
  const numbers = await shardsWithStats(target)
  return new Set(
    [...numbers].filter((number) => {
      const part = parts.get(String(number))
      return part === undefined || isWhole(target, part)
    }),
  )
}

/** Shards with stats, whatever else they have. Other `.json` files are none of ours and pass. */
export async function shardsWithStats(target: string): Promise<Set<number>> {
  const names = await rootEntries(target)
  const numbers = names
    .map((name) => statsName.exec(name)?.[1])
    .filter((text) => text !== undefined)
  return new Set(numbers.map(Number))
}
