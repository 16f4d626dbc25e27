import { isVarveError, type Digest } from '../../model/index.ts'
import { totals, walkNodes } from '../../tree/index.ts'
import { inBatches } from '../../util/index.ts'
import { commitFromRow } from '../catalog/rows.ts'
import { fileOf } from '../files/file-value.ts'
import { showCommit } from '../queries.ts'
import type { FsckReport } from '../types/maintenance.ts'
import type { CommitInfo } from '../types/values.ts'
import type { MaintenanceParts, Report } from './maintenance-parts.ts'

/** Trees of all commits: every node is there and right, every item is there and of its size. */
export async function checkTrees(
  parts: MaintenanceParts,
  report: Report,
): Promise<Omit<FsckReport, 'faults'>> {
  const { catalog, reducers, tools } = parts
  const db = catalog.reader
  const commits = db.all('SELECT * FROM commits').map((row) => commitFromRow(db, row))
  const damaged = new Set<Digest>()
  const seen = new Set<Digest>()
  const items = new Map<Digest, number>()
  const onDamage = (digest: Digest, error: Error) => {
    damaged.add(digest)
    const isMissing = isVarveError(error, 'ITEM_MISSING')
    report({
      kind: isMissing ? 'node missing' : 'node damaged',
      subject: digest,
      what: error.message,
    })
  }
  // Nodes kept in memory would hide what is wrong on the disk.
  const loader = { load: (digests: readonly Digest[]) => tools.segments.read(digests) }
  const files = commits.map((commit) => commit.files)
  for await (const nodes of walkNodes(loader, files, { seen, onDamage })) {
    for (const { digest, size } of nodes.flatMap((node) => node.entries.map(fileOf))) {
      items.set(digest, size)
    }
  }
  await checkItems(parts, items, report)
  const others = [...reducers.live(db)].filter(({ kind }) => kind === 'nodes')
  const roots = others.map(({ digest }) => digest)
  for await (const _ of walkNodes(loader, roots, { seen, onDamage }));
  if (damaged.size === 0) for (const commit of commits) await checkTotals(parts, commit, report)
  const bytes = [...items.values()].reduce((sum, size) => sum + size, 0)
  return { commits: commits.length, nodes: seen.size, items: items.size, bytes }
}

const itemsAtOnce = 10_000

async function checkItems(
  { tools }: MaintenanceParts,
  items: ReadonlyMap<Digest, number>,
  report: Report,
): Promise<void> {
  for (const batch of inBatches(items, itemsAtOnce)) {
    const places = await tools.segments.locate(batch.map(([digest]) => digest))
    for (const [i, [digest, size]] of batch.entries()) {
      const place = places[i]
      if (place === undefined) {
        const what = 'no segment holds it'
        report({ kind: 'item missing', subject: digest, item: digest, what })
      } else if (place.length !== size) {
        const what = `it has ${place.length} bytes, its tree says ${size}`
        report({ kind: 'size wrong', subject: digest, item: digest, what })
      }
    }
  }
}

async function checkTotals(
  { tools }: MaintenanceParts,
  commit: CommitInfo,
  report: Report,
): Promise<void> {
  const { size, count } = await totals(await tools.content.loader(), commit.files)
  if (size === commit.size && count === commit.count) return
  const what = `it says ${commit.count} files of ${commit.size} bytes, its tree ${count} of ${size}`
  report({ kind: 'size wrong', subject: showCommit(commit), what })
}
