import { lowerBound, noBytes } from './entries.ts'
import type { TreeNode } from './node-reader.ts'

/** Which keys of a tree are meant. All bounds given must hold; none given means every key. */
export interface KeyRange {
  /** Keys that start with this text. */
  readonly prefix?: string
  /** First key, inclusive. */
  readonly from?: string
  /** The key before the first: exclusive. */
  readonly after?: string
  /** The key behind the last: exclusive. */
  readonly to?: string
}

/** A range as bytes: keys at or behind `low` and before `high` (undefined: no end). */
export interface ByteRange {
  readonly low: Uint8Array
  readonly high: Uint8Array | undefined
}

export function byteRange(range: KeyRange): ByteRange {
  const prefix = range.prefix === undefined ? noBytes : Buffer.from(range.prefix)
  const lows = [prefix]
  if (range.from !== undefined) lows.push(Buffer.from(range.from))
  // A key plus a zero byte is the very next byte string.
  if (range.after !== undefined) lows.push(Buffer.from(`${range.after}\0`))
  const highs = prefix.length === 0 ? [] : [behindPrefix(prefix)]
  if (range.to !== undefined) highs.push(Buffer.from(range.to))
  const byBytes = (a: Buffer, b: Buffer): number => Buffer.compare(a, b)
  return { low: lows.sort(byBytes).at(-1) ?? noBytes, high: highs.sort(byBytes)[0] }
}

/** The first byte string behind all that start with `prefix`. UTF-8 never holds the byte 255. */
export function behindPrefix(prefix: Uint8Array): Buffer {
  const behind = Buffer.from(prefix)
  behind[behind.length - 1] = (behind.at(-1) ?? 0) + 1
  return behind
}

/** Entries of a node that may lead to keys of the range: `[from, to)`. */
export function slotsInRange(node: TreeNode, range: ByteRange): { from: number; to: number } {
  const from = lowerBound(node, range.low)
  const to = range.high === undefined ? node.count : lowerBound(node, range.high, from)
  // Behind the last key before `high`, an inner node still has a child that reaches over it.
  const reachesOver = node.level > 0 && to < node.count
  return { from, to: reachesOver ? to + 1 : to }
}

/** Do all keys behind `before`, up to and including `last`, lie in the range? */
export function spansInside(range: ByteRange, before: Uint8Array, last: Uint8Array): boolean {
  const startsInside = Buffer.compare(before, range.low) >= 0
  return startsInside && (range.high === undefined || Buffer.compare(last, range.high) < 0)
}
