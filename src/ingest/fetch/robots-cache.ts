import type { Clock } from '../../util/index.ts'
import { parseRobots, type RobotsRules } from './robots-rules.ts'

/** How reading a robots.txt went, RFC 9309 part 2.3.1. */
export type RobotsFile =
  | { readonly kind: 'text'; readonly text: string }
  /** The server has none (4xx): everything is allowed. */
  | { readonly kind: 'none' }
  /** Nobody knows (5xx, no answer): nothing is allowed for a while. */
  | { readonly kind: 'unreachable'; readonly error: string }

export type RobotsVerdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'disallowed' }
  | { readonly kind: 'unreachable'; readonly error: string }

interface Known {
  readonly rules: RobotsRules | undefined
  readonly error: string | undefined
  readonly size: number
  readonly expires: number
}

const allowed: RobotsVerdict = { kind: 'allowed' }
const disallowed: RobotsVerdict = { kind: 'disallowed' }
/** RFC 9309, 2.4: at most a day. */
const goodFor = 24 * 60 * 60_000
const unreachableFor = 5 * 60_000
/** Characters of rules kept, and what an origin costs beside them. */
const sizeMax = 32 * 1024 * 1024
const sizeOfOne = 512

/** The rules of each origin, read once a day. */
export class RobotsCache {
  readonly #read: (url: URL) => Promise<RobotsFile>
  readonly #token: string | undefined
  readonly #clock: Clock
  readonly #known = new Map<string, Known>()
  readonly #asked = new Map<string, Promise<Known>>()
  #size = 0

  constructor(read: (url: URL) => Promise<RobotsFile>, token: string | undefined, clock: Clock) {
    this.#read = read
    this.#token = token
    this.#clock = clock
  }

  /** At once when the rules of the origin are known. */
  check(url: URL): RobotsVerdict | Promise<RobotsVerdict> {
    const known = this.#known.get(url.origin)
    if (known !== undefined && known.expires > this.#clock.now()) return verdict(known, url)
    return this.#ask(url.origin).then((fresh) => verdict(fresh, url))
  }

  #ask(origin: string): Promise<Known> {
    const asked = this.#asked.get(origin)
    if (asked !== undefined) return asked
    const asking = this.#load(origin).finally(() => this.#asked.delete(origin))
    this.#asked.set(origin, asking)
    return asking
  }

  async #load(origin: string): Promise<Known> {
    const file = await this.#read(new URL('/robots.txt', origin))
    const isKnown = file.kind !== 'unreachable'
    const text = file.kind === 'text' ? file.text : ''
    const known: Known = {
      rules: text === '' ? undefined : await parseRobots(origin, text, this.#token),
      error: isKnown ? undefined : file.error,
      size: sizeOfOne + text.length,
      expires: this.#clock.now() + (isKnown ? goodFor : unreachableFor),
    }
    this.#remember(origin, known)
    return known
  }

  #remember(origin: string, known: Known): void {
    this.#forget(origin)
    this.#known.set(origin, known)
    this.#size += known.size
    for (const oldest of this.#known.keys()) {
      if (this.#size <= sizeMax) return
      this.#forget(oldest)
    }
  }

  #forget(origin: string): void {
    this.#size -= this.#known.get(origin)?.size ?? 0
    this.#known.delete(origin)
  }
}

function verdict(known: Known, url: URL): RobotsVerdict {
  if (known.error !== undefined) return { kind: 'unreachable', error: known.error }
  return known.rules === undefined || known.rules.allows(url.href) ? allowed : disallowed
}
