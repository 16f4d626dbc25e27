import { ENTRY_OVERHEAD, keySplits, MIN_INNER_ENTRIES, splitThreshold } from './boundary.ts'
import { suffixStart, type Entries } from './entries.ts'
import { DIGEST_BYTES } from './node-format.ts'
import type { EntryRun } from './node-writer.ts'
import type { TreeTotals } from './types.ts'
import { readVarint, varintLength } from './varint.ts'
import { MAX_KEY_BYTES } from './limits.ts'

/** What one node will hold: runs in key order, and the totals of its subtree. */
export interface Chunk {
  readonly runs: readonly EntryRun[]
  readonly totals: TreeTotals
}

interface OpenRun extends EntryRun {
  to: number
}

/** Where a key is put together to be hashed. Shared: nothing waits while it is in use. */
const keyScratch = Buffer.allocUnsafeSlow(MAX_KEY_BYTES)

/**
 * Cuts the entries of one level into nodes by the boundary rule. Its only state is the node that
 * is open, so work may start at any old boundary and may stop wherever a new one meets an old one.
 */
export class Chunker {
  readonly #level: number
  readonly #close: (chunk: Chunk) => void
  #runs: OpenRun[] = []
  #weight = 0
  #entries = 0
  #count = 0
  #size = 0

  constructor(level: number, close: (chunk: Chunk) => void) {
    this.#level = level
    this.#close = close
  }

  /** Is a node open, that is: did the last entry not end one? */
  get isOpen(): boolean {
    return this.#entries > 0
  }

  /** Adds the entries `[from, to)`, closing nodes as the rule says. The source must not change. */
  add(entries: Entries, from: number, to: number): void {
    this.#addAll(entries, from, to, -Infinity)
  }

  /**
   * Adds entries of an old node, the first of which stood behind `oldWeight` in it; answers the
   * weight behind the last. The node ended with none of its entries but its last, and the chance
   * to end grows with the weight before: so an entry that stands no farther back than it did ends
   * no node now, and its key need not be hashed.
   */
  addOld(entries: Entries, from: number, to: number, oldWeight: number): number {
    return this.#addAll(entries, from, to, oldWeight)
  }

  #addAll(entries: Entries, from: number, to: number, oldWeight: number): number {
    const { bytes, prefix, offsets } = entries
    if (prefix.length > 0) keyScratch.set(prefix)
    const last = entries.count - 1
    let weightBefore = oldWeight
    let start = from
    for (let i = from; i < to; i++) {
      const at = offsets[i] ?? 0
      const suffix = readVarint(bytes, at)
      const payload = at + varintLength(suffix) + suffix
      const value = readVarint(bytes, payload)
      const valueStart = payload + varintLength(value)
      this.#count += this.#level === 0 ? 1 : readVarint(bytes, valueStart + DIGEST_BYTES)
      this.#size += readVarint(bytes, valueStart + value)
      const weight = prefix.length + suffix + value + ENTRY_OVERHEAD
      const isSettled = this.#weight <= weightBefore && i < last
      const threshold = isSettled ? 0 : this.#threshold(weight)
      weightBefore += weight
      this.#weight += weight
      this.#entries++
      if (threshold === 0 || !this.#keySplits(entries, i, threshold)) continue
      this.#push(entries, start, i + 1)
      start = i + 1
      this.finish()
    }
    if (start < to) this.#push(entries, start, to)
    return weightBefore
  }

  #push(entries: Entries, from: number, to: number): void {
    const last = this.#runs.at(-1)
    if (last?.entries === entries && last.to === from) last.to = to
    else this.#runs.push({ entries, from, to })
  }

  /** Closes the open node, if any: the end of the level. */
  finish(): void {
    if (this.#entries === 0) return
    const chunk = { runs: this.#runs, totals: { count: this.#count, size: this.#size } }
    this.#runs = []
    this.#weight = 0
    this.#entries = 0
    this.#count = 0
    this.#size = 0
    this.#close(chunk)
  }

  /** Chance that the node ends with the next entry, which has this weight. */
  #threshold(weight: number): number {
    if (this.#level > 0 && this.#entries + 1 < MIN_INNER_ENTRIES) return 0
    return splitThreshold(this.#weight, weight)
  }

  /** Does the entry's key end the node? Its prefix is in `keyScratch` already. */
  #keySplits(entries: Entries, index: number, threshold: number): boolean {
    const rule = { level: this.#level, threshold }
    const start = suffixStart(entries, index)
    const length = readVarint(entries.bytes, entries.offsets[index] ?? 0)
    const skip = entries.prefix.length
    if (skip === 0) return keySplits(entries.bytes, start, start + length, rule)
    for (let i = 0; i < length; i++) keyScratch[skip + i] = entries.bytes[start + i] ?? 0
    return keySplits(keyScratch, 0, skip + length, rule)
  }
}
