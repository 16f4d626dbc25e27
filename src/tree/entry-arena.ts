import { entryStart, noBytes, type Entries } from './entries.ts'
import { checkedKeyLength, checkValue } from './limits.ts'
import { varintLength, writeVarint } from './varint.ts'

/** Encoded entries in memory that are not in a node yet: whole keys, no prefix. */
export class EntryArena implements Entries {
  readonly prefix: Buffer = noBytes
  bytes: Buffer = Buffer.allocUnsafe(4096)
  offsets: Uint32Array = new Uint32Array(64)
  count = 0

  append(key: string, value: Uint8Array, size: number): void {
    const keyLength = checkedKeyLength(key)
    checkValue(value, size)
    const start = this.#reserve(keyLength + value.length)
    const at = writeVarint(this.bytes, start, keyLength)
    this.bytes.write(key, at)
    this.#finish(at + keyLength, value, size)
  }

  appendBytes(key: Uint8Array, value: Uint8Array, size: number): void {
    const start = this.#reserve(key.length + value.length)
    const at = writeVarint(this.bytes, start, key.length)
    this.bytes.set(key, at)
    this.#finish(at + key.length, value, size)
  }

  clear(): void {
    this.count = 0
  }

  #finish(at: number, value: Uint8Array, size: number): void {
    const valueStart = writeVarint(this.bytes, at, value.length)
    this.bytes.set(value, valueStart)
    this.count++
    this.offsets[this.count] = writeVarint(this.bytes, valueStart + value.length, size)
  }

  /** Makes room for one more entry and returns where it starts. */
  #reserve(payload: number): number {
    const start = entryStart(this, this.count)
    const needed = start + payload + 3 * varintLength(Number.MAX_SAFE_INTEGER)
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2))
      this.bytes.copy(larger, 0, 0, start)
      this.bytes = larger
    }
    if (this.count + 2 > this.offsets.length) {
      const larger = new Uint32Array(this.offsets.length * 2)
      larger.set(this.offsets)
      this.offsets = larger
    }
    return start
  }
}
