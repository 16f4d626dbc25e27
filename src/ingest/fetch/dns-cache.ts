import { systemCode, type Clock } from '../../util/index.ts'
import { Fifo } from './fifo.ts'
import type { Resolve } from './types.ts'

interface Entry {
  readonly result: Promise<readonly string[]>
  /** Milliseconds of the clock; infinite while the question is out. */
  expires: number
}

const second = 1000
/** Name servers suffer from short lives, we from stale addresses. */
const shortestLife = 60 * second
const longestLife = 3600 * second
const unknownLife = 300 * second
/** Failures are kept for a little while only: enough to spare the server a burst of one question. */
const failureLife = 5 * second
const noSuchName = 30 * second
const entriesMax = 20_000
const questionsAtOnce = 64

/**
 * Remembers the addresses of host names, asks once for those who ask together, and keeps the number of
 * open questions low: home routers and cloud resolvers drop what comes in floods.
 */
export class DnsCache {
  readonly #resolve: Resolve
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()
  readonly #waiting = new Fifo<() => void>()
  #open = 0

  constructor(resolve: Resolve, clock: Clock) {
    this.#resolve = resolve
    this.#clock = clock
  }

  /** Whether `addresses` would ask nobody. */
  knows(hostname: string): boolean {
    const known = this.#entries.get(hostname)
    const isOut = known?.expires === Number.POSITIVE_INFINITY
    return known !== undefined && !isOut && known.expires > this.#clock.now()
  }

  /** Rejects with the error of the resolver, also from memory. */
  addresses(hostname: string): Promise<readonly string[]> {
    const known = this.#entries.get(hostname)
    if (known !== undefined && known.expires > this.#clock.now()) return known.result
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>()
    const entry: Entry = { result: promise, expires: Number.POSITIVE_INFINITY }
    // Whoever asked handles it; a failure nobody waits for any more is no fault of the process.
    promise.catch(() => undefined)
    this.#remember(hostname, entry)
    this.#whenFree(() => {
      this.#ask(hostname, entry).then(resolve, reject)
    })
    return promise
  }

  async #ask(hostname: string, entry: Entry): Promise<readonly string[]> {
    try {
      const { addresses, ttlSeconds } = await this.#resolve(hostname)
      const life = ttlSeconds === undefined ? unknownLife : ttlSeconds * second
      this.#keep(entry, Math.min(longestLife, Math.max(shortestLife, life)))
      return addresses
    } catch (error) {
      this.#keep(entry, isNoSuchName(error) ? noSuchName : failureLife)
      throw error
    } finally {
      this.#open -= 1
      this.#waiting.shift()?.()
    }
  }

  #keep(entry: Entry, life: number): void {
    entry.expires = this.#clock.now() + life
  }

  #whenFree(ask: () => void): void {
    const start = (): void => {
      this.#open += 1
      ask()
    }
    if (this.#open < questionsAtOnce) start()
    else this.#waiting.push(start)
  }

  /** The oldest make room; a name still in use is simply asked for again. */
  #remember(hostname: string, entry: Entry): void {
    this.#entries.delete(hostname)
    this.#entries.set(hostname, entry)
    if (this.#entries.size <= entriesMax) return
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest)
      break
    }
  }
}

function isNoSuchName(error: unknown): boolean {
  return systemCode(error) === 'ENOTFOUND'
}
