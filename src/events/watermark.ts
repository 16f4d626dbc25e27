/**
 * What a member has been handed of one partition and what of it is done. Work ends in any order, a
 * group has one offset per partition: the offset is the last one before which nothing is open.
 * Offsets may have gaps (trimmed messages, markers of an adapter), so it counts along what was
 * delivered, not along the numbers.
 */
export class Watermark {
  #offset: number
  #delivered: number[] = []
  #first = 0
  readonly #done = new Set<number>()

  constructor(offset: number) {
    this.#offset = offset
  }

  /** Everything up to here is done. */
  get offset(): number {
    return this.#offset
  }

  /** Nothing delivered is open. */
  get idle(): boolean {
    return this.#first === this.#delivered.length
  }

  /** Offsets must grow from call to call. */
  deliver(offset: number): void {
    this.#delivered.push(offset)
  }

  /** Done before, or never delivered: changes nothing. */
  done(offset: number): void {
    if (offset <= this.#offset || offset > (this.#delivered.at(-1) ?? 0)) return
    this.#done.add(offset)
    let next = this.#delivered[this.#first]
    while (next !== undefined && this.#done.delete(next)) {
      this.#offset = next
      this.#first += 1
      next = this.#delivered[this.#first]
    }
    if (this.#first > 1024 && this.#first * 2 > this.#delivered.length) this.#compact()
  }

  copy(): Watermark {
    const copy = new Watermark(this.#offset)
    copy.#delivered = this.#delivered.slice(this.#first)
    for (const offset of this.#done) copy.#done.add(offset)
    return copy
  }

  #compact(): void {
    this.#delivered = this.#delivered.slice(this.#first)
    this.#first = 0
  }
}
