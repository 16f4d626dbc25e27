import type { Digest } from '../../model/index.ts'
import { walkNodes } from '../../tree/index.ts'
import { fileOf } from '../files/file-value.ts'
import type { LiveRoot } from '../types/catalog.ts'
import { DigestMarks } from './digest-marks.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'

export interface Marked {
  /** Nodes and items that something names: a wrong yes keeps what is dead, and loses nothing. */
  readonly live: DigestMarks
  readonly liveItems: number
  readonly liveBytes: number
}

/** Everything reachable from the roots; a node shared by many trees is visited once. */
export async function markLive(
  { reducers, tools }: MaintenanceParts,
  roots: Iterable<LiveRoot>,
): Promise<Marked> {
  const byKind = { files: [] as Digest[], nodes: [] as Digest[], item: [] as Digest[] }
  for (const { kind, digest } of roots) byKind[kind].push(digest)
  const live = new DigestMarks()
  let liveItems = byKind.item.filter((digest) => live.add(digest)).length
  let liveBytes = 0
  const loader = await tools.content.loader()
  const seen = new Set<Digest>()
  for await (const nodes of walkNodes(loader, byKind.files, { seen })) {
    for (const { digest, size } of nodes.flatMap(({ entries }) => entries.map(fileOf))) {
      if (!live.add(digest)) continue
      liveItems += 1
      liveBytes += size
    }
  }
  const seenNodes = new Set<Digest>()
  for await (const nodes of walkNodes(loader, byKind.nodes, { seen: seenNodes })) {
    const entries = nodes.flatMap((node) => node.entries)
    const items = entries.flatMap(({ key, value }) => [...reducers.itemsIn(key, value)])
    liveItems += items.filter((item) => live.add(item)).length
  }
  for (const nodes of [seen, seenNodes]) for (const digest of nodes) live.add(digest)
  return { live, liveItems, liveBytes }
}
