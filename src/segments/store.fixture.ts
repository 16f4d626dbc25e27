import { digestOf, type Digest } from '../model/index.ts'
import { DiskObjects, type FileLayer } from '../storage/index.ts'
import {
  openSegmentStore,
  type Finding,
  type SegmentStore,
  type SegmentStoreOptions,
} from './index.ts'

/** A store over files in memory, with an index that is lost when it closes. */
export function openOver(files: FileLayer, options: Partial<SegmentStoreOptions> = {}) {
  const objects = new DiskObjects('/', files)
  return openSegmentStore({
    objects,
    indexPath: ':memory:',
    mode: 'write',
    clock: { now: () => 1_700_000_000_000 },
    bufferBytes: 16 << 10,
    ...options,
  })
}

/** Items of many sizes around the edges of blocks, all different. */
export function sampleItems(count: number, from = 0): { bytes: Buffer; extension: string }[] {
  return Array.from({ length: count }, (_, i) => {
    const size = [0, 1, 511, 512, 513, 1200, 5000][(from + i) % 7] ?? 0
    return { bytes: Buffer.alloc(size + 8, `${from + i}-`), extension: 'txt' }
  })
}

export function digestsOf(items: readonly { bytes: Uint8Array }[]): Digest[] {
  return items.map(({ bytes }) => digestOf(bytes))
}

/** All that a check of the store finds, payloads read as well unless told not to. */
export async function findings(store: SegmentStore, readData = true): Promise<Finding[]> {
  const found: Finding[] = []
  await store.verify({ readData, onFinding: (finding) => found.push(finding) })
  return found
}

export async function recordTexts(store: SegmentStore): Promise<string[]> {
  const texts: string[] = []
  for await (const { bytes } of store.records()) texts.push(Buffer.from(bytes).toString())
  return texts
}

export { copyOf } from '../storage/testing.ts'
