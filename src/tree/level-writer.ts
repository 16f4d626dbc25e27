import { digestOf, digestToBytes, type Digest } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import type { Chunk } from './chunker.ts'
import { keyBytes } from './entries.ts'
import { DIGEST_BYTES } from './node-format.ts'
import { lastKey, type TreeNode } from './node-reader.ts'
import { encodeNode } from './node-writer.ts'
import type { NodeSink } from './types.ts'
import { varintLength, writeVarint } from './varint.ts'

/** A written node as its parent will name it: last key, and digest + count as the value. */
export interface ChildEntry {
  readonly key: Buffer
  readonly value: Buffer
  readonly size: number
}

export function writeNode(level: number, chunk: Chunk, sink: NodeSink): ChildEntry {
  const { runs, totals } = chunk
  const last = runs.at(-1)
  invariant(last !== undefined, 'a node was closed without entries')
  invariant(Number.isSafeInteger(totals.size), 'the sizes in a tree add up to more than 2^53')
  const bytes = encodeNode(level, runs)
  const digest = digestOf(bytes)
  sink.add(digest, bytes)
  const value = childValue(digest, totals.count)
  return { key: keyBytes(last.entries, last.to - 1), value, size: totals.size }
}

/** How the parent of a stored node names it. */
export function childEntryOf(node: TreeNode): ChildEntry {
  const { count, size } = node.totals
  return { key: lastKey(node), value: childValue(node.digest, count), size }
}

function childValue(digest: Digest, count: number): Buffer {
  const value = Buffer.allocUnsafe(DIGEST_BYTES + varintLength(count))
  value.set(digestToBytes(digest))
  writeVarint(value, DIGEST_BYTES, count)
  return value
}
