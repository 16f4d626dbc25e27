/** Lets a loop sleep until somebody has work for it. */
export class WakeUp {
  #wake: (() => void) | undefined
  #called = false

  now(): void {
    this.#called = true
    this.#wake?.()
  }

  /** Resolves when called, at once if that has happened since the last time, or after `ms`. */
  async within(ms: number): Promise<void> {
    if (!this.#called) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#wake = undefined
    this.#called = false
  }
}
