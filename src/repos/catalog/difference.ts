import type { CatalogDb } from './catalog-db.ts'
import type { Reducers } from './reducers.ts'

interface Tables {
  readonly present: CatalogDb
  readonly expected: CatalogDb
}

/** The first fact in which two catalogs differ, as JSON: equal tables have equal snapshots. */
export function firstDifference(
  reducers: Reducers,
  { present, expected }: Tables,
): string | undefined {
  const found = reducers.snapshot(present)[Symbol.iterator]()
  for (const op of reducers.snapshot(expected)) {
    const wanted = JSON.stringify(op)
    const next = found.next()
    if (next.done === true || JSON.stringify(next.value) !== wanted) return wanted
  }
  const extra = found.next()
  return extra.done === true ? undefined : JSON.stringify(extra.value)
}
