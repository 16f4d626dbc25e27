import type { Digest } from '../../model/index.ts'

/** Of a digest; evenly spread, so it is its own hash. */
const prefixDigits = 16
const empty = 0n

/**
 * Marks on millions of digests in eight bytes each, which as texts in a set take fifteen times
 * that. Only the first 64 bits count: a digest never added may seem to be there, so ask only where
 * a wrong yes does no harm.
 */
export class DigestMarks {
  #slots = new BigUint64Array(1 << 10)
  #size = 0

  /** Answers whether it was new. */
  add(digest: Digest): boolean {
    if (this.#size * 4 > this.#slots.length * 3) this.#grow()
    const prefix = prefixOf(digest)
    const slot = this.#slotOf(prefix)
    if (this.#slots[slot] === prefix) return false
    this.#slots[slot] = prefix
    this.#size += 1
    return true
  }

  has(digest: Digest): boolean {
    const prefix = prefixOf(digest)
    return this.#slots[this.#slotOf(prefix)] === prefix
  }

  /** Where it lies, or the free slot where it belongs. */
  #slotOf(prefix: bigint): number {
    const mask = this.#slots.length - 1
    let slot = Number(prefix & 0x7fff_ffffn) & mask
    for (;;) {
      const held = this.#slots[slot]
      if (held === prefix || held === empty) return slot
      slot = (slot + 1) & mask
    }
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new BigUint64Array(2 * old.length)
    for (const prefix of old) if (prefix !== empty) this.#slots[this.#slotOf(prefix)] = prefix
  }
}

/** Never the mark of a free slot. */
function prefixOf(digest: Digest): bigint {
  const prefix = BigInt(`0x${digest.slice(0, prefixDigits)}`)
  return prefix === empty ? 1n : prefix
}
