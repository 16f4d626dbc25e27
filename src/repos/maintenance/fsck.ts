import type { Catalog } from '../catalog/catalog.ts'
import { firstDifference } from '../catalog/difference.ts'
import type { Reducers } from '../catalog/reducers.ts'
import { changesLost } from '../catalog/standing.ts'
import type { FsckFault, FsckReport } from '../types/maintenance.ts'
import { checkReferences } from './check-references.ts'
import { checkTrees } from './check-trees.ts'
import type { MaintenanceParts, Report } from './maintenance-parts.ts'
import { nameFiles } from './name-files.ts'

/** Checks from the refs down to the bytes: refs, commits, trees, items, segments. Changes nothing. */
export function checkStore(parts: MaintenanceParts, readData: boolean): Promise<FsckReport> {
  const { catalog, reducers, tools } = parts
  const faults: FsckFault[] = []
  const report: Report = (fault) => faults.push(fault)
  return tools.gate.share(() =>
    catalog.snapshot(async () => {
      await checkCatalog(catalog, reducers, report)
      checkReferences(catalog.reader, report)
      const trees = await checkTrees(parts, report)
      await tools.segments.verify({
        readData,
        onFinding: ({ kind, segment, offset, digest, what }) => {
          const item = digest === undefined ? '' : `, item ${digest}`
          report({
            kind: kind === 'wrong-index' ? 'index wrong' : 'segment damaged',
            subject: segment,
            what: `${kind} at ${offset}${item}: ${what}`,
            ...(digest === undefined ? {} : { item: digest }),
          })
        },
      })
      return { faults: await withFiles(parts, faults), ...trees }
    }),
  )
}

/** Says of what is wrong with an item which file needs it. */
async function withFiles(
  parts: MaintenanceParts,
  faults: readonly FsckFault[],
): Promise<readonly FsckFault[]> {
  const items = new Set(faults.flatMap(({ item }) => item ?? []))
  if (items.size === 0) return faults
  const files = await nameFiles(parts, items)
  return faults.map((fault) => {
    const file = fault.item === undefined ? undefined : files.get(fault.item)
    return file === undefined ? fault : { ...fault, what: `${fault.what}; ${file} needs it` }
  })
}

/**
 * The tables are a cache: they must be what folding the records gives. Where a record cannot be
 * read they may know more than the records do, which is no fault of theirs.
 */
async function checkCatalog(catalog: Catalog, reducers: Reducers, report: Report): Promise<void> {
  let damaged = 0
  const folded = await catalog.folded({
    onDamage: ({ sequence, segment, offset, what }) => {
      damaged += 1
      const place = `record ${sequence} at ${offset}`
      report({ kind: 'record damaged', subject: segment, what: `${place}: ${what}` })
    },
  })
  if (catalog.lost !== undefined) {
    const what = changesLost(catalog.lost)
    report({ kind: 'record missing', subject: 'segments/meta', what })
  }
  try {
    if (damaged > 0) return
    const sides = { present: catalog.reader, expected: folded }
    const what = firstDifference(reducers, sides)
    if (what !== undefined) report({ kind: 'catalog wrong', subject: 'catalog.sqlite', what })
  } finally {
    folded.close()
  }
}
