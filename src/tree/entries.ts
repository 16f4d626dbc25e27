import { ENTRY_OVERHEAD } from './boundary.ts'
import { readVarint, varintLength } from './varint.ts'

/**
 * A run of encoded entries in key order: a decoded node, or an arena of entries not yet in a node.
 * Entry i lies at `bytes[offsets[i], offsets[i + 1])` as: suffix length, suffix, value length,
 * value, size (lengths and size as varints); its key is `prefix` + suffix.
 */
export interface Entries {
  readonly bytes: Buffer
  readonly prefix: Buffer
  /** Positions in `bytes`; at least `count + 1` of them. */
  readonly offsets: Uint32Array
  readonly count: number
}

export const noBytes = Buffer.alloc(0)

export function entryStart(entries: Entries, index: number): number {
  return entries.offsets[index] ?? 0
}

export function suffixLength(entries: Entries, index: number): number {
  return readVarint(entries.bytes, entryStart(entries, index))
}

export function suffixStart(entries: Entries, index: number): number {
  const start = entryStart(entries, index)
  return start + varintLength(readVarint(entries.bytes, start))
}

/** Where the value's length stands: right behind the suffix. */
export function payloadStart(entries: Entries, index: number): number {
  const start = entryStart(entries, index)
  const length = readVarint(entries.bytes, start)
  return start + varintLength(length) + length
}

/** The value as a view of the entries' bytes. */
export function valueAt(entries: Entries, index: number): Buffer {
  const at = payloadStart(entries, index)
  const length = readVarint(entries.bytes, at)
  const start = at + varintLength(length)
  return entries.bytes.subarray(start, start + length)
}

export function sizeAt(entries: Entries, index: number): number {
  const at = payloadStart(entries, index)
  const length = readVarint(entries.bytes, at)
  return readVarint(entries.bytes, at + varintLength(length) + length)
}

/** Bytes the entry counts for in the rule that ends nodes. */
export function weightAt(entries: Entries, index: number): number {
  const at = payloadStart(entries, index)
  return (
    entries.prefix.length +
    suffixLength(entries, index) +
    readVarint(entries.bytes, at) +
    ENTRY_OVERHEAD
  )
}

/** The whole key, copied. */
export function keyBytes(entries: Entries, index: number): Buffer {
  const start = suffixStart(entries, index)
  const suffix = entries.bytes.subarray(start, start + suffixLength(entries, index))
  return Buffer.concat([entries.prefix, suffix])
}

/** First entry whose key is at or behind `key`, looking from `from` on; `count` if there is none. */
export function lowerBound(entries: Entries, key: Uint8Array, from = 0): number {
  return bound(entries, key, { from, passEqual: false })
}

/** First entry whose key is behind `key`; `count` if there is none. */
export function upperBound(entries: Entries, key: Uint8Array, from = 0): number {
  return bound(entries, key, { from, passEqual: true })
}

function bound(
  entries: Entries,
  key: Uint8Array,
  how: { readonly from: number; readonly passEqual: boolean },
): number {
  const { prefix, count } = entries
  const shared = commonLength(prefix, key)
  if (shared < prefix.length) {
    const keyIsBefore = shared === key.length || (key[shared] ?? 0) < (prefix[shared] ?? 0)
    return keyIsBefore ? how.from : count
  }
  let low = how.from
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = compareSuffix(entries, middle, key)
    if (order < 0 || (order === 0 && how.passEqual)) low = middle + 1
    else high = middle
  }
  return low
}

/** Compares an entry's suffix with what follows the prefix in a key that has this prefix. */
function compareSuffix(entries: Entries, index: number, key: Uint8Array): number {
  const { bytes } = entries
  const start = suffixStart(entries, index)
  const length = suffixLength(entries, index)
  const skip = entries.prefix.length
  const shorter = Math.min(length, key.length - skip)
  for (let i = 0; i < shorter; i++) {
    const difference = (bytes[start + i] ?? 0) - (key[skip + i] ?? 0)
    if (difference !== 0) return difference
  }
  return length - (key.length - skip)
}

export function hasKey(entries: Entries, index: number, key: Uint8Array): boolean {
  if (index >= entries.count) return false
  const { prefix } = entries
  if (commonLength(prefix, key) < prefix.length) return false
  return compareSuffix(entries, index, key) === 0
}

/** Compares the keys of two entries by their bytes, wherever their prefixes end. */
export function compareEntryKeys(a: Entries, i: number, b: Entries, j: number): number {
  if (a.prefix.length === b.prefix.length && commonLength(a.prefix, b.prefix) === a.prefix.length) {
    const from = suffixStart(a, i)
    const other = suffixStart(b, j)
    const to = from + suffixLength(a, i)
    return compareRanges(a.bytes, from, to, {
      bytes: b.bytes,
      start: other,
      end: other + suffixLength(b, j),
    })
  }
  return Buffer.compare(keyBytes(a, i), keyBytes(b, j))
}

function compareRanges(
  a: Uint8Array,
  start: number,
  end: number,
  b: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
): number {
  const shorter = Math.min(end - start, b.end - b.start)
  for (let i = 0; i < shorter; i++) {
    const difference = (a[start + i] ?? 0) - (b.bytes[b.start + i] ?? 0)
    if (difference !== 0) return difference
  }
  return end - start - (b.end - b.start)
}

/** Are value and size of two entries equal? */
export function samePayload(a: Entries, i: number, b: Entries, j: number): boolean {
  const from = payloadStart(a, i)
  const to = entryStart(a, i + 1)
  const other = payloadStart(b, j)
  const otherEnd = entryStart(b, j + 1)
  return compareRanges(a.bytes, from, to, { bytes: b.bytes, start: other, end: otherEnd }) === 0
}

/** Are `count` entries from `i` on the same bytes as those of `b`? Never says so of different keys. */
export function sameEntries(
  a: Entries,
  i: number,
  b: Entries,
  { from, count }: { readonly from: number; readonly count: number },
): boolean {
  const start = entryStart(a, i)
  const end = entryStart(a, i + count)
  const other = entryStart(b, from)
  const otherEnd = entryStart(b, from + count)
  if (end - start !== otherEnd - other || !a.prefix.equals(b.prefix)) return false
  return a.bytes.compare(b.bytes, other, otherEnd, start, end) === 0
}

export function commonLength(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length)
  let length = 0
  while (length < shorter && a[length] === b[length]) length++
  return length
}
