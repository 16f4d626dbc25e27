/**
 * Memory for batches that are read one after another while the one before is being written: what was
 * taken in a turn may be used until the turn after the next begins.
 */
export class TurnMemory {
  readonly #turnBytes: number
  #now: Uint8Array
  #before: Uint8Array
  #taken = 0

  /** A turn that takes more than `turnBytes` gets fresh memory for the rest. */
  constructor(turnBytes: number) {
    this.#turnBytes = turnBytes
    this.#now = Buffer.allocUnsafeSlow(turnBytes)
    this.#before = Buffer.allocUnsafeSlow(turnBytes)
  }

  turn(): void {
    const now = this.#before
    this.#before = this.#now
    this.#now = now
    this.#taken = 0
  }

  take(bytes: number): Uint8Array {
    if (this.#taken + bytes > this.#turnBytes) return Buffer.allocUnsafeSlow(bytes)
    this.#taken += bytes
    return this.#now.subarray(this.#taken - bytes, this.#taken)
  }
}
