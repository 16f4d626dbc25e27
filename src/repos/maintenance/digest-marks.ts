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
  /** The prefix that says of a slot that it is free has none. */
  #hasEmpty = false

  /** Answers whether it was new. */
  add(digest: Digest): boolean {
    if (this.#size * 4 > this.#slots.length * 3) this.#grow()
    const prefix = prefixOf(digest)
    if (prefix === empty) {
      const isNew = !this.#hasEmpty
      this.#hasEmpty = true
      return isNew
    }
    const slot = this.#slotOf(prefix)
    if (this.#slots[slot] === prefix) return false
    this.#slots[slot] = prefix
    this.#size += 1
    return true
  }

  has(digest: Digest): boolean {
    const prefix = prefixOf(digest)
    if (prefix === empty) return this.#hasEmpty
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

function prefixOf(digest: Digest): bigint {
  return BigInt(`0x${digest.slice(0, prefixDigits)}`)
}
