import { comparePaths, type Digest } from '../model/index.ts'
import { buildTree } from './build.ts'
import { MemoryNodes } from './memory-nodes.fixture.ts'
import type { NodeSink, TreeEdit, TreeEntry } from './types.ts'

/** What a tree is: a map in key order. */
export type Model = Map<string, { readonly value: Uint8Array; readonly size: number }>

export function sortedEntries(model: Model): TreeEntry[] {
  return [...model]
    .map(([key, entry]) => ({ key, ...entry }))
    .sort((a, b) => comparePaths(a.key, b.key))
}

export function rebuild(model: Model, sink: NodeSink = new MemoryNodes()): Promise<Digest> {
  return buildTree(sortedEntries(model), sink)
}

export function applyToModel(model: Model, edits: readonly TreeEdit[]): void {
  for (const { key, entry } of edits) {
    if (entry === undefined) model.delete(key)
    else model.set(key, entry)
  }
}

/** Keys as datasets have them: some directories, several scripts, a few very long names. */
export function keyPool(count: number): string[] {
  const keys = Array.from({ length: count }, (_, i) => {
    const directory = i % 7 === 0 ? 'été/森' : `class-${i % 13}`
    const name = `${directory}/image-${(i * 7919) % 100_003}`
    if (i % 101 === 0) return `${name}/${'long'.repeat(i % 400)}`
    if (i % 11 === 0) return `${name}-\u{1f600}${i}`
    return i % 17 === 0 ? `${name}-\uffee` : `${name}.jpg`
  })
  return [...new Set(keys)].sort(comparePaths)
}

export function edits(keys: readonly string[], value: Uint8Array, size = 1): TreeEdit[] {
  return keys.map((key) => ({ key, entry: { value, size } }))
}

/** Everything a stream of batches gives. */
export async function drain<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = []
  for await (const batch of batches) items.push(...batch)
  return items
}
