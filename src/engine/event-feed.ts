import type { EventBus } from '../events/index.ts'
import type { StoreEvent } from '../repos/index.ts'
import type { Clock, Random } from '../util/index.ts'

export const storeTopic = 'store'
const keptMs = 7 * 24 * 3600 * 1000

/**
 * Carries facts of the store to the bus, in the background and in order. Facts are hints: one that
 * cannot be published is dropped, because the change it tells of is durable already.
 */
export class EventFeed {
  readonly #bus: () => EventBus
  readonly #clock: Clock
  readonly #random: Random
  #waiting: StoreEvent[] = []
  #publishing: Promise<void> | undefined
  #trimmed = false

  constructor(bus: () => EventBus, clock: Clock, random: Random) {
    this.#bus = bus
    this.#clock = clock
    this.#random = random
  }

  take(events: readonly StoreEvent[]): void {
    this.#waiting.push(...events)
    this.#publishing ??= this.#publish()
  }

  /** Resolves when everything taken so far has been published or dropped. */
  async drain(): Promise<void> {
    await this.#publishing
  }

  async #publish(): Promise<void> {
    // Let what belongs together gather: one transaction of the bus for many facts.
    await new Promise((resolve) => setImmediate(resolve))
    const { factMaker } = await import('../events/index.ts')
    const make = factMaker('/store', this.#clock, this.#random)
    while (this.#waiting.length > 0) {
      const events = this.#waiting
      this.#waiting = []
      const messages = events.map(({ type, subject, data }) => ({
        key: subject,
        fact: make({ type, subject, data }),
      }))
      try {
        await this.#bus().publish(storeTopic, messages)
        if (!this.#trimmed) await this.#bus().trim(storeTopic, { olderThanMs: keptMs })
        this.#trimmed = true
      } catch {
        // Whoever needs these facts finds the same by looking at the catalog.
      }
    }
    this.#publishing = undefined
  }
}
