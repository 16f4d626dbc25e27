import { isUtf8 } from 'node:buffer'
import { keyBytes, type Entries } from './entries.ts'
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from './limits.ts'
import { DIGEST_BYTES } from './node-format.ts'
import { checkedVarint, varintLength } from './varint.ts'

/**
 * Checks the entries of a node one after another, in one pass over its bytes, and adds up their
 * totals. What it lets through is safe to read without further checks.
 */
export class EntryChecker {
  count = 0
  size = 0
  /** Are all keys ASCII so far? Then none needs to be checked for UTF-8. */
  isAscii: boolean
  readonly #entries: Entries
  readonly #level: number
  #suffixStart = 0
  #suffixLength = -1

  constructor(entries: Entries, level: number) {
    this.#entries = entries
    this.#level = level
    this.isAscii = bitsOf(entries.prefix, 0, entries.prefix.length) < 0x80
  }

  /** What is wrong with an entry, given that the ones before it are right. */
  faultOf(index: number): string | undefined {
    const { bytes, prefix, offsets } = this.#entries
    const start = offsets[index] ?? 0
    const end = offsets[index + 1] ?? 0
    if (end <= start || end > bytes.length) return 'does not end where the next one starts'
    const suffix = checkedVarint(bytes, start, end)
    if (suffix < 0 || prefix.length + suffix > MAX_KEY_BYTES) return 'has a bad key length'
    if (prefix.length + suffix === 0) return 'has no key'
    const suffixStart = start + varintLength(suffix)
    const payload = suffixStart + suffix
    const value = payload < end ? checkedVarint(bytes, payload, end) : -1
    if (value < 0 || value > MAX_VALUE_BYTES) return 'has a bad value length'
    const valueStart = payload + varintLength(value)
    const size = valueStart + value < end ? checkedVarint(bytes, valueStart + value, end) : -1
    if (size < 0) return 'has a bad size'
    if (valueStart + value + varintLength(size) !== end) return 'has bytes left over'
    this.size += size
    return this.#keyFault(index, suffixStart, suffix) ?? this.#childFault(valueStart, value)
  }

  #keyFault(index: number, start: number, length: number): string | undefined {
    const { bytes } = this.#entries
    if (!isBehind(bytes, { start, length }, this.#suffixStart, this.#suffixLength)) {
      return 'is not behind the one before it'
    }
    this.#suffixStart = start
    this.#suffixLength = length
    this.isAscii &&= bitsOf(bytes, start, start + length) < 0x80
    const isText = this.isAscii || isUtf8(keyBytes(this.#entries, index))
    return isText ? undefined : 'has a key that is not UTF-8'
  }

  /** Counts the entries below; the value of an inner node's entry has to name a child. */
  #childFault(valueStart: number, length: number): string | undefined {
    if (this.#level === 0) {
      this.count++
      return undefined
    }
    const at = valueStart + DIGEST_BYTES
    const end = valueStart + length
    const count = at < end ? checkedVarint(this.#entries.bytes, at, end) : -1
    this.count += count
    return count > 0 && at + varintLength(count) === end ? undefined : 'does not name a child'
  }
}

/** Is a suffix behind the one before it, by bytes? A length of -1 stands before all. */
function isBehind(
  bytes: Uint8Array,
  suffix: { readonly start: number; readonly length: number },
  before: number,
  beforeLength: number,
): boolean {
  const { start, length } = suffix
  for (let i = 0; i < beforeLength && i < length; i++) {
    const difference = (bytes[start + i] ?? 0) - (bytes[before + i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return length > beforeLength
}

/** All bits set in any of the bytes: below 128 for ASCII. */
function bitsOf(bytes: Uint8Array, start: number, end: number): number {
  let bits = 0
  for (let i = start; i < end; i++) bits |= bytes[i] ?? 0
  return bits
}
