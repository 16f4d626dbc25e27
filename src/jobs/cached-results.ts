import { datumCacheKey } from '../pipelines/index.ts'
import type { Digest } from '../model/index.ts'
import type { Store } from '../repos/index.ts'
import { findCached, itemsToBringBack } from './cache-table.ts'
import type { DatumToRun } from './datum-run/datum-runner.ts'
import { emit } from './ops.ts'
import { unpackRecords, type FullRecord } from './record-lists.ts'

export type KeyedDatum = DatumToRun & { readonly key: Digest }

export interface CacheHit {
  readonly run: KeyedDatum
  readonly record: FullRecord
}

/** Tells datums an equal one of which was run before, by any job, from those that must run. */
export async function lookUpCached(
  store: Store,
  fingerprint: Digest,
  datums: readonly DatumToRun[],
): Promise<{ readonly hits: readonly CacheHit[]; readonly misses: readonly KeyedDatum[] }> {
  const keyed = datums.map((each): KeyedDatum => {
    return { ...each, key: datumCacheKey(fingerprint, each.datum.inputs) }
  })
  const found = findCached(
    store.db,
    keyed.map(({ key }) => key),
  )
  if (found.every((record) => record === undefined)) return { hits: [], misses: keyed }
  const full = await unpackRecords(
    store.content,
    found.flatMap((record) => record ?? []),
  )
  const lost = await lostItems(store, full)
  const hits: CacheHit[] = []
  const misses: KeyedDatum[] = []
  const stale: Digest[] = []
  let next = 0
  for (const [place, run] of keyed.entries()) {
    const record = found[place] === undefined ? undefined : full[next++]
    const isLost = record !== undefined && itemsToBringBack(record).some((item) => lost.has(item))
    if (isLost) stale.push(run.key)
    if (record === undefined || isLost) misses.push(run)
    else hits.push({ run, record })
  }
  // Else the entry would stand in the way of the result that is made now.
  if (stale.length > 0) await store.transact((tx) => emit(tx, { op: 'cache.drop', keys: stale }))
  return { hits, misses }
}

/** A store that was damaged and repaired may have lost what the cache still names. */
async function lostItems(
  { content }: Store,
  records: readonly FullRecord[],
): Promise<ReadonlySet<Digest>> {
  const items = [...new Set(records.flatMap(itemsToBringBack))]
  const present = await content.has(items)
  return new Set(items.filter((_, place) => present[place] !== true))
}
