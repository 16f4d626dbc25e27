/**
 * Bounded concurrency: `run` waits for a free slot, in order of arrival. For commands, whose
 * parallelism is that of processes and not of threads.
 */
export class Slots {
  readonly size: number
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(size: number) {
    this.size = Math.max(1, size)
    this.#free = this.size
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free += 1
      else next()
    }
  }

  /**
   * Runs `work` over everything `source` gives, pulling the next only when a slot is free, so that a
   * source of any length is never ahead of the work. Stops pulling at the first rejection, waits for
   * what runs and rejects with it.
   */
  async forEach<T>(
    source: AsyncIterable<T> | Iterable<T>,
    work: (item: T) => Promise<void>,
  ): Promise<void> {
    const running = new Set<Promise<void>>()
    const failures: unknown[] = []
    for await (const item of source) {
      const started = this.run(() => work(item)).catch((error: unknown) => {
        failures.push(error)
      })
      running.add(started)
      void started.then(() => running.delete(started))
      if (running.size >= this.size) await Promise.race(running)
      if (failures.length > 0) break
    }
    await Promise.all(running)
    if (failures.length > 0) throw failures[0]
  }
}
