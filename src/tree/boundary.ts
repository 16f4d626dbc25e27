import { xxhash32 } from './xxhash32.ts'

/*
 * Where nodes end. The rule looks at the key, the level and the bytes already in the node, and at
 * nothing else, so that the same entries make the same nodes whatever the history of edits.
 *
 * The chance to end grows with the size of the node as the hazard of a Weibull distribution of
 * shape 4 (the shape Dolt's key splitter uses): h(x) = 4 x^3 / scale^4 per byte at x bytes. Sampled
 * at the middle of each KiB, x = 512 (2b + 1), and with scale^4 = 2^61 / 22 (scale 17,992 bytes,
 * mean 16,308), it is 22 (2b + 1)^3 / 2^32: whole numbers, equal on every machine.
 */

/** Weight every entry has beyond its key and value: its share of the offset table and lengths. */
export const ENTRY_OVERHEAD = 16
/** No node ends before it weighs this much, except the last of its level. */
export const MIN_NODE_WEIGHT = 2 * 1024
/** A node ends with the entry that brings it to this weight, whatever the hash says. */
export const MAX_NODE_WEIGHT = 64 * 1024
/** Entries an inner node holds before it may end: fewer would let the height grow for ever. */
export const MIN_INNER_ENTRIES = 2

const bucketBits = 10
const always = 2 ** 32

/** Chance, in 2^-32 per byte, that a node ends, by the whole KiB it weighs before the entry. */
export const hazardTable: readonly number[] = Array.from(
  { length: MAX_NODE_WEIGHT >> bucketBits },
  (_, bucket) => 22 * (2 * bucket + 1) ** 3,
)

/**
 * The node ends with an entry if the hash of its key is below this threshold (0 never, 2^32 always).
 * @param before weight of the entries already in the node
 * @param weight weight of the entry: key bytes + value bytes + ENTRY_OVERHEAD
 */
export function splitThreshold(before: number, weight: number): number {
  const after = before + weight
  if (after < MIN_NODE_WEIGHT) return 0
  if (after >= MAX_NODE_WEIGHT) return always
  return Math.min((hazardTable[before >> bucketBits] ?? always) * weight, always)
}

/** Does the key `bytes[start, end)` hash below the threshold? The level salts the hash. */
export function keySplits(
  bytes: Uint8Array,
  start: number,
  end: number,
  rule: { readonly level: number; readonly threshold: number },
): boolean {
  if (rule.threshold === 0) return false
  return rule.threshold >= always || xxhash32(bytes, start, end, rule.level) < rule.threshold
}
