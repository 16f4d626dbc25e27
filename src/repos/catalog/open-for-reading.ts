import { setTimeout as sleep } from 'node:timers/promises'
import { isVarveError } from '../../model/index.ts'
import type { DamagedRecord } from '../../segments/index.ts'
import { CatalogDb } from './catalog-db.ts'
import { isCatalogDamage, readShape, readWatermark } from './catalog-file.ts'
import type { CatalogOptions } from './catalog-options.ts'
import { foldApart } from './fold.ts'
import { changesLost, standingOf } from './standing.ts'

export interface ReadableTables {
  readonly db: CatalogDb
  /** Whether they are in memory, because those of the file are of no use. */
  readonly isCopy: boolean
  /** The last change the file held, when no segment holds it any more. */
  readonly lost?: number
}

/**
 * The tables for a reader, who cannot mend them: those of the file when they are whole, of our
 * shape, and hold every record that can be read.
 */
export async function openForReading(options: CatalogOptions): Promise<ReadableTables> {
  const { notice = () => {} } = options
  const damage = new Map<number, DamagedRecord>()
  const onDamage = (one: DamagedRecord): void => void damage.set(one.sequence, one)
  const { db, lost } = await openUsable(options, onDamage)
  const tables = db ?? (await foldApart(options, { onDamage }))
  const [first] = damage.values()
  if (lost !== undefined) notice(changesLost(lost))
  if (first !== undefined) {
    const known = db === undefined ? 'without what it changed' : 'with what the catalog knows of it'
    notice(`The store is damaged. ${first.what} Reading goes on ${known}; run \`varve fsck\`.`)
  }
  return { db: tables, isCopy: db === undefined, ...(lost === undefined ? {} : { lost }) }
}

interface Usable {
  readonly db?: CatalogDb
  readonly lost?: number
}

/** A writer at work commits to the file a moment after its record, so it gets that moment. */
async function openUsable(
  { file, reducers, segments, notice }: CatalogOptions,
  onDamage: (damaged: DamagedRecord) => void,
): Promise<Usable> {
  let db: CatalogDb | undefined
  let lost: number | undefined
  try {
    db = new CatalogDb(file, { readOnly: true })
    for (let looks = 0; readShape(db) === reducers.shape && looks < 4; looks += 1) {
      if (looks > 0) await sleep(20)
      const watermark = readWatermark(db)
      const standing = await standingOf(segments, watermark, { onDamage })
      if (standing === 'in step') return { db }
      lost = standing === 'ahead' ? watermark.sequence : undefined
    }
  } catch (error) {
    if (isVarveError(error, 'FORMAT_TOO_NEW')) throw error
    if (isCatalogDamage(error)) notice?.(`The catalog ${file} is damaged; it is read anew.`)
    else if (!isVarveError(error, 'IO_FAILED')) throw error
  }
  db?.close()
  return lost === undefined ? {} : { lost }
}
