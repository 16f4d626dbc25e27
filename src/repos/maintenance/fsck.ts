import type { Catalog } from '../catalog/catalog.ts'
import { firstDifference } from '../catalog/difference.ts'
import type { Reducers } from '../catalog/reducers.ts'
import type { FsckFault, FsckReport } from '../types/maintenance.ts'
import { checkReferences } from './check-references.ts'
import { checkTrees } from './check-trees.ts'
import type { MaintenanceParts, Report } from './maintenance-parts.ts'

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
            kind: 'segment damaged',
            subject: segment,
            what: `${kind} at ${offset}${item}: ${what}`,
          })
        },
      })
      return { faults, ...trees }
    }),
  )
}

/** The tables are a cache: they must be what folding the records gives. */
async function checkCatalog(catalog: Catalog, reducers: Reducers, report: Report): Promise<void> {
  const folded = await catalog.folded()
  try {
    const sides = { present: catalog.reader, expected: folded }
    const what = firstDifference(reducers, sides)
    if (what !== undefined) report({ kind: 'catalog wrong', subject: 'catalog.sqlite', what })
  } finally {
    folded.close()
  }
}
