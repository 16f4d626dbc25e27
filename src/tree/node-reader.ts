import { digestFromBytes, VarveError, type Digest } from '../model/index.ts'
import {
  keyBytes,
  payloadStart,
  sizeAt,
  suffixLength,
  suffixStart,
  valueAt,
  type Entries,
} from './entries.ts'
import { EntryChecker } from './entry-checker.ts'
import { MAX_KEY_BYTES } from './limits.ts'
import { DIGEST_BYTES, FORMAT_ID, HEADER_BYTES, MAX_LEVEL } from './node-format.ts'
import type { TreeEntry, TreeTotals } from './types.ts'
import { readVarint, varintLength } from './varint.ts'

/** A node whose bytes were checked once, so that every later read of it is safe. */
export interface TreeNode extends Entries {
  readonly digest: Digest
  /** 0 for leaves; the children of a node lie one level below it. */
  readonly level: number
  /** Entries and bytes of the whole subtree. */
  readonly totals: TreeTotals
  /** The prefix as text if every key of the node is ASCII: such keys need no UTF-8 decoding. */
  readonly asciiPrefix: string | undefined
}

/**
 * Checks the bytes of a node against the grammar in docs/format/tree.md and opens them in place.
 * @throws VarveError STORE_DAMAGED for anything a writer would not have written.
 */
export function decodeNode(digest: Digest, source: Uint8Array): TreeNode {
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength)
  const isNode = bytes.length >= HEADER_BYTES && bytes.toString('latin1', 0, 3) === FORMAT_ID
  if (!isNode) throw damagedNode(digest, 'it is not a tree node of a known format')
  const level = bytes[3] ?? 0
  const count = bytes.readUInt32LE(4)
  const prefixLength = bytes.readUInt32LE(8)
  const base = HEADER_BYTES + 4 * count + prefixLength
  if (level > MAX_LEVEL || prefixLength > MAX_KEY_BYTES || base > bytes.length) {
    throw damagedNode(digest, 'its header does not fit its bytes')
  }
  const offsets = new Uint32Array(count + 1)
  for (let i = 0; i < count; i++) offsets[i] = base + bytes.readUInt32LE(HEADER_BYTES + 4 * i)
  offsets[count] = bytes.length
  const prefix = bytes.subarray(base - prefixLength, base)
  const entries = { bytes, prefix, offsets, count }
  const facts = checkEntries(digest, level, entries)
  const asciiPrefix = facts.isAscii ? prefix.toString('latin1') : undefined
  return { ...entries, digest, level, totals: facts.totals, asciiPrefix }
}

export function damagedNode(digest: Digest, why: string): VarveError {
  return new VarveError('STORE_DAMAGED', {
    what: `The tree node ${digest} is damaged: ${why}.`,
    data: { digest },
  })
}

function checkEntries(
  digest: Digest,
  level: number,
  entries: Entries,
): { totals: TreeTotals; isAscii: boolean } {
  const { bytes, prefix, offsets, count } = entries
  const base = HEADER_BYTES + 4 * count + prefix.length
  const isEmptyLeaf = count === 0 && level === 0 && prefix.length === 0 && base === bytes.length
  if (isEmptyLeaf) return { totals: { count: 0, size: 0 }, isAscii: true }
  if (count === 0) throw damagedNode(digest, 'it has no entries')
  if (offsets[0] !== base) throw damagedNode(digest, 'its first entry is not where it should be')
  const checker = new EntryChecker(entries, level)
  for (let i = 0; i < count; i++) {
    const fault = checker.faultOf(i)
    if (fault !== undefined) throw damagedNode(digest, `entry ${i} ${fault}`)
  }
  if (!hasLongestPrefix(entries)) throw damagedNode(digest, 'its prefix is not the longest')
  const totals = { count: checker.count, size: checker.size }
  if (!Number.isSafeInteger(totals.count) || !Number.isSafeInteger(totals.size)) {
    throw damagedNode(digest, 'its totals are out of range')
  }
  return { totals, isAscii: checker.isAscii }
}

function hasLongestPrefix(entries: Entries): boolean {
  const last = entries.count - 1
  if (last === 0) return suffixLength(entries, 0) === 0
  if (suffixLength(entries, 0) === 0) return true
  return entries.bytes[suffixStart(entries, 0)] !== entries.bytes[suffixStart(entries, last)]
}

export function keyAt(node: TreeNode, index: number): string {
  if (node.asciiPrefix === undefined) return keyBytes(node, index).toString()
  const start = suffixStart(node, index)
  const end = start + suffixLength(node, index)
  return node.asciiPrefix + node.bytes.toString('latin1', start, end)
}

/** The entry of a leaf. Its value is a view of the node's bytes. */
export function entryAtIndex(node: TreeNode, index: number): TreeEntry {
  return { key: keyAt(node, index), value: valueAt(node, index), size: sizeAt(node, index) }
}

export function childDigest(node: TreeNode, index: number): Digest {
  return digestFromBytes(valueAt(node, index))
}

/** Entries below child `index` of an inner node. */
export function childCount(entries: Entries, index: number): number {
  const at = payloadStart(entries, index)
  const valueStart = at + varintLength(readVarint(entries.bytes, at))
  return readVarint(entries.bytes, valueStart + DIGEST_BYTES)
}

export function childTotals(node: TreeNode, index: number): TreeTotals {
  return { count: childCount(node, index), size: sizeAt(node, index) }
}

/** The last key below the node. */
export function lastKey(node: TreeNode): Buffer {
  return keyBytes(node, node.count - 1)
}

/** The child of an inner node that has just one, read without checking the whole node. */
export function onlyChildOf(digest: Digest, bytes: Uint8Array): Digest | undefined {
  const isLone =
    bytes[3] !== 0 && (bytes[4] ?? 0) === 1 && bytes.subarray(5, 8).every((b) => b === 0)
  return isLone ? childDigest(decodeNode(digest, bytes), 0) : undefined
}
