/**
 * Many may be inside at once, or one alone. Adders of items share it; garbage collection goes
 * alone, so that an item added and not yet named by a record is never taken for dead.
 */
export class Gate {
  #inside = 0
  #alone = false
  #waiting: (() => void)[] = []

  async share<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone) await this.#turn()
    this.#inside += 1
    try {
      return await work()
    } finally {
      this.#inside -= 1
      this.#wake()
    }
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone || this.#inside > 0) await this.#turn()
    this.#alone = true
    try {
      return await work()
    } finally {
      this.#alone = false
      this.#wake()
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
