/** Tells who waits for rows that more of them may have ended, or that all have that ever will. */
export class RowsEnding {
  #over = false
  #next = Promise.withResolvers<void>()

  /** One that is over. */
  static ended(): RowsEnding {
    const ending = new RowsEnding()
    ending.over()
    return ending
  }

  get isOver(): boolean {
    return this.#over
  }

  /** More may have ended. */
  some(): void {
    this.#next.resolve()
    this.#next = Promise.withResolvers<void>()
  }

  over(): void {
    this.#over = true
    this.#next.resolve()
  }

  /** Resolves when told the next time; at once when it is over. */
  async more(): Promise<void> {
    await this.#next.promise
  }
}
