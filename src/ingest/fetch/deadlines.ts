/** Something that must end in time. */
export interface Deadline {
  expire(): void
}

/**
 * Deadlines of thousands of requests on one timer. Times are counted in ticks of the timer and thus up
 * to one tick late; a process that was busy or asleep gives its requests the time it took from them.
 */
export class Deadlines {
  readonly #tickMs: number
  readonly #due = new Map<Deadline, number>()
  #ticks = 0
  #timer: NodeJS.Timeout | undefined

  constructor(usualMs: number) {
    this.#tickMs = Math.min(250, Math.max(5, Math.floor(usualMs / 20)))
  }

  arm(deadline: Deadline, ms: number): void {
    this.#due.set(deadline, this.#ticks + 1 + Math.ceil(ms / this.#tickMs))
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs)
  }

  /** Milliseconds that were left; 0 when it was not armed. */
  disarm(deadline: Deadline): number {
    const due = this.#due.get(deadline)
    if (due === undefined) return 0
    this.#due.delete(deadline)
    return Math.max(0, due - this.#ticks) * this.#tickMs
  }

  #tick(): void {
    this.#ticks += 1
    if (this.#due.size === 0) return this.#rest()
    for (const [deadline, due] of this.#due) {
      if (due > this.#ticks) continue
      this.#due.delete(deadline)
      deadline.expire()
    }
  }

  /** Not at the moment the last one goes: between two requests that would stop and start it. */
  #rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
