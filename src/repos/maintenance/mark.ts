import type { Digest } from '../../model/index.ts'
import { walkNodes } from '../../tree/index.ts'
import { fileOf } from '../files/file-value.ts'
import type { LiveRoot } from '../types/catalog.ts'
import type { MaintenanceParts } from './maintenance-parts.ts'

export interface Marked {
  /** Digests of nodes and items that something names. */
  readonly live: ReadonlySet<Digest>
  readonly liveItems: number
  readonly liveBytes: number
}

/** Everything reachable from the roots; a node shared by many trees is visited once. */
export async function markLive(
  { tools }: MaintenanceParts,
  roots: Iterable<LiveRoot>,
): Promise<Marked> {
  const byKind = { files: [] as Digest[], nodes: [] as Digest[], item: [] as Digest[] }
  for (const { kind, digest } of roots) byKind[kind].push(digest)
  const live = new Set<Digest>(byKind.item)
  let liveItems = live.size
  let liveBytes = 0
  const loader = await tools.content.loader()
  const seen = new Set<Digest>()
  for await (const nodes of walkNodes(loader, byKind.files, { seen })) {
    for (const { digest, size } of nodes.flatMap(({ entries }) => entries.map(fileOf))) {
      if (live.has(digest)) continue
      live.add(digest)
      liveItems += 1
      liveBytes += size
    }
  }
  const seenNodes = new Set<Digest>()
  for await (const _ of walkNodes(loader, byKind.nodes, { seen: seenNodes }));
  for (const digest of [...seen, ...seenNodes]) live.add(digest)
  return { live, liveItems, liveBytes }
}
