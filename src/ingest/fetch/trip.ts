import { Mutex } from '../../util/index.ts'
import { decodeBody, encodingsOf } from './content-encoding.ts'
import { statusError } from './error-text.ts'
import {
  Exchange,
  type Exchanged,
  type ExchangeLimits,
  type ExchangeOptions,
  type Response,
  type ResponseHeaders,
} from './exchange.ts'
import type { Flight } from './flight.ts'
import type { HostGate, HostSign } from './host-gate.ts'
import type { Admission, Pass } from './host-state.ts'
import type { HttpAgent } from './http-agent.ts'
import { isRedirect, nextHop } from './redirect.ts'
import { backoffDelay, retryAfterMs, statusMayPass } from './retry-policy.ts'
import type { RobotsVerdict } from './robots-cache.ts'
import { forbidsUse, optedOutByHeader } from './robots-header.ts'
import type { FetchSettings } from './settings.ts'

/** What trips share. */
export interface TripTools extends ExchangeLimits {
  readonly settings: FetchSettings
  readonly agent: HttpAgent
  readonly gate: HostGate
}

export interface Errand {
  readonly url: URL
  /** Names and values in turn. */
  readonly headers: readonly string[]
  /** A 304 is an answer to validators only. */
  readonly hasValidators: boolean
  readonly exchange: ExchangeOptions
  /** Whether robots.txt lets us; asked for every hop. */
  readonly robots: ((url: URL) => RobotsVerdict | Promise<RobotsVerdict>) | undefined
  /** Whether `X-Robots-Tag` counts. */
  readonly obeysHeader: boolean
}

export type TripEnd =
  | {
      readonly kind: 'fetched'
      readonly url: string
      readonly headers: ResponseHeaders
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'opted_out'; readonly error: string }
  /** With the status, when a response was the reason. */
  | {
      readonly kind: 'failed'
      readonly error: string
      readonly status?: number
      readonly mayPass?: true
    }

type TryEnd = TripEnd | { readonly kind: 'again'; readonly error: string; readonly status?: number }

const disallowedByRobots = 'Disallowed by robots.txt'
/** Bodies being decompressed at once: each may grow to the size limit. */
const decoding = [new Mutex(), new Mutex(), new Mutex(), new Mutex()] as const

/** One errand with its tries, and each try with its redirects. */
export class Trip {
  readonly #tools: TripTools
  readonly #flight: Flight
  readonly #errand: Errand
  #leftMs = 0
  #isSent = false
  attempts = 0

  constructor(tools: TripTools, flight: Flight, errand: Errand) {
    this.#tools = tools
    this.#flight = flight
    this.#errand = errand
  }

  /** Rejects only when the flight is stopped. */
  async run(): Promise<TripEnd> {
    const { settings } = this.#tools
    this.#flight.throwIfStopped()
    for (;;) {
      this.#isSent = false
      const end = await this.#try()
      if (end.kind !== 'again') return end
      if (this.attempts > settings.retries) return { ...end, kind: 'failed', mayPass: true }
      const delay = backoffDelay(this.attempts, settings, settings.random.fraction())
      await this.#flight.sleep(delay)
    }
  }

  async #try(): Promise<TryEnd> {
    this.#leftMs = this.#tools.settings.deadlineMs
    const visited = new Set<string>()
    let url = this.#errand.url
    for (;;) {
      visited.add(url.href)
      const barred = this.#errand.robots === undefined ? undefined : await this.#robots(url)
      if (barred !== undefined) return barred
      const answer = await this.#ask(url)
      if (answer.kind !== 'response') return answer
      // Of several, urllib takes the first.
      const [location] = [answer.headers['location']].flat()
      if (!isRedirect(answer.status, location)) return this.#judge(url, answer)
      const { status } = answer
      const redirect = { from: url, status, reason: statusReason(answer), location }
      const hop = nextHop(redirect, visited, this.#tools.settings.maxRedirects)
      if (hop.kind === 'refused') return { kind: 'failed', error: hop.error, status }
      url = hop.url
    }
  }

  async #robots(url: URL): Promise<TripEnd | undefined> {
    let verdict = this.#errand.robots?.(url)
    if (verdict instanceof Promise) verdict = await this.#shared(verdict)
    if (verdict === undefined || verdict.kind === 'allowed') return undefined
    if (verdict.kind === 'unreachable') {
      return { kind: 'failed', error: verdict.error, mayPass: true }
    }
    return { kind: 'opted_out', error: disallowedByRobots }
  }

  /** Waits for what others wait for too: leaving does not stop it. */
  #shared(asked: Promise<RobotsVerdict>): Promise<RobotsVerdict> {
    // Heard before anything else: of a flight that was stopped already nobody would hear a fault.
    const heard = asked.catch((error: unknown): RobotsVerdict => ({
      kind: 'unreachable',
      error: `robots.txt: ${String(error)}`,
    }))
    return this.#flight.wait<RobotsVerdict>((land) => {
      void heard.then(land)
      return () => undefined
    })
  }

  /** One hop, when it is its turn. */
  async #ask(url: URL): Promise<Response | TryEnd> {
    const { agent, gate } = this.#tools
    const resolving = agent.resolve(url)
    if (resolving !== undefined) {
      await this.#flight.wait<void>((land) => {
        void resolving.then(land)
        return () => undefined
      })
    }
    const admission =
      gate.enter(url.host) ??
      (await this.#flight.wait<Admission>((land) => gate.queue(url.host, land)))
    if (admission.kind === 'refused') {
      return { kind: 'failed', error: admission.error, mayPass: true }
    }
    const exchanged = await this.#exchangeWith(url, admission.pass)
    if (exchanged.kind === 'response') return exchanged
    const { error, mayPass } = exchanged.fault
    return { kind: mayPass ? 'again' : 'failed', error }
  }

  async #exchangeWith(url: URL, pass: Pass): Promise<Exchanged> {
    let sign: HostSign = { kind: 'nothing' }
    try {
      let exchanged = await this.#send(url, pass)
      // A kept connection that the server closed as we wrote: nobody saw the request.
      if (exchanged.kind === 'fault' && exchanged.isStale)
        exchanged = await this.#send(url, pass, true)
      sign = signOf(exchanged, this.#tools.settings.clock.now())
      return exchanged
    } finally {
      this.#tools.gate.leave(pass, sign)
    }
  }

  async #send(url: URL, { host, number }: Pass, isFresh = false): Promise<Exchanged> {
    if (!this.#isSent) this.attempts += 1
    this.#isSent = true
    const { exchange: options, headers } = this.#errand
    let exchange: Exchange | undefined
    const exchanged = await this.#flight.wait<Exchanged>((land) => {
      const started = new Exchange(options, this.#tools, this.#leftMs, land)
      exchange = started
      const place = { underWay: host.active, turn: number }
      this.#tools.agent.send(url, { headers, isFresh, ...place }, started)
      return () => started.stop()
    })
    this.#leftMs = exchange?.leftMs ?? this.#leftMs
    return exchanged
  }

  async #judge(url: URL, response: Response): Promise<TryEnd> {
    const { status, headers } = response
    const { settings } = this.#tools
    if (status === 304 && this.#errand.hasValidators) return { kind: 'unchanged' }
    if (status >= 300) {
      const error = statusError(status, response.reason)
      return { kind: statusMayPass(status) ? 'again' : 'failed', error, status }
    }
    if (this.#errand.obeysHeader && isForbidden(headers, settings)) {
      return { kind: 'opted_out', error: optedOutByHeader }
    }
    const missing = missingBytes(response)
    if (missing > 0) {
      this.#tools.pool.give(response.body)
      const error = `IncompleteRead(${response.body.length} bytes read, ${missing} more expected)`
      return { kind: 'failed', error, status }
    }
    const encodings = encodingsOf(single(headers['content-encoding']))
    if (encodings.length === 0)
      return { kind: 'fetched', url: url.href, headers, bytes: response.body }
    const lane = decoding[response.body.length % decoding.length] ?? decoding[0]
    const { maxBytes } = this.#errand.exchange
    const decoded = await lane.run(() => decodeBody(response.body, encodings, maxBytes))
    this.#tools.pool.give(response.body)
    if (decoded.kind === 'refused') return { kind: 'failed', error: decoded.error }
    return { kind: 'fetched', url: url.href, headers, bytes: decoded.bytes }
  }
}

/** Of a part (206), which nobody asked for: how much of the whole it is not. */
function missingBytes({ status, headers }: Response): number {
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/i.exec(single(headers['content-range']) ?? '')
  if (status !== 206 || range === null) return 0
  const [first, last, whole] = range.slice(1).map(Number)
  return (whole ?? 0) - ((last ?? 0) - (first ?? 0) + 1)
}

export function isForbidden(headers: ResponseHeaders, settings: FetchSettings): boolean {
  const { userAgentToken, disallowedHeaderDirectives } = settings
  return forbidsUse(headers['x-robots-tag'], userAgentToken, disallowedHeaderDirectives)
}

/** The value of a header; of several with one name, all, as one list. */
export function single(header: string | readonly string[] | undefined): string | undefined {
  return header === undefined || typeof header === 'string' ? header : header.join(', ')
}

function statusReason(response: Response): string {
  return statusError(response.status, response.reason).replace(/^HTTP Error \d+: /, '')
}

/** A host that answers nothing but 429 and 5xx is in as much trouble as one that does not answer. */
function signOf(exchanged: Exchanged, now: number): HostSign {
  if (exchanged.kind === 'fault') {
    const { blamesHost, error } = exchanged.fault
    return blamesHost ? { kind: 'failed', error } : { kind: 'nothing' }
  }
  const { status, reason, headers } = exchanged
  const mayAsk = status === 429 || status === 503
  const waitMs = mayAsk ? retryAfterMs(single(headers['retry-after']), now) : undefined
  if (waitMs !== undefined) return { kind: 'asked', waitMs, error: statusError(status, reason) }
  if (!statusMayPass(status)) return { kind: 'answered' }
  return { kind: 'failed', error: statusError(status, reason) }
}
