import type { Digest } from '../model/index.ts'
import type { Store } from '../repos/index.ts'
import { inBatches, type Clock } from '../util/index.ts'
import { unheldEntries } from './cache-table.ts'
import { emit } from './ops.ts'

/** How much the datum cache may keep alive that nothing else does. */
export interface CacheLimits {
  /** Since a result was used last, ms. */
  readonly maxAgeMs?: number
  /** Of outputs altogether. */
  readonly maxBytes?: number
}

export interface CacheTrim {
  readonly dropped: number
  /** Of the outputs dropped; garbage collection frees those nothing else names. */
  readonly droppedBytes: number
  /** Entries kept although their jobs are gone. */
  readonly kept: number
}

const keysAtOnce = 10_000

/**
 * Forgets cached results whose jobs are gone, those used longest ago first, until the limits are
 * kept. Results of jobs that exist cost nothing: their commits hold the bytes anyway.
 */
export async function trimCache(
  store: Store,
  clock: Clock,
  { maxAgeMs, maxBytes, dryRun = false }: CacheLimits & { readonly dryRun?: boolean },
): Promise<CacheTrim> {
  const oldest = maxAgeMs === undefined ? Number.NEGATIVE_INFINITY : clock.now() - maxAgeMs
  const most = maxBytes ?? Number.POSITIVE_INFINITY
  const drop: Digest[] = []
  let [held, droppedBytes, kept] = [0, 0, 0]
  for (const { key, bytes, usedAt } of unheldEntries(store.db)) {
    held += bytes
    if (usedAt >= oldest && held <= most) kept++
    else {
      drop.push(key)
      droppedBytes += bytes
    }
  }
  const gone = dryRun ? [] : drop
  for (const keys of inBatches(gone, keysAtOnce)) {
    await store.transact((tx) => emit(tx, { op: 'cache.drop', keys }))
  }
  return { dropped: drop.length, droppedBytes, kept }
}
