import { VarveError } from '../../model/index.ts'
import { AddressGuard } from './address-guard.ts'
import { BodyPool } from './body-pool.ts'
import { ByteBudget } from './byte-budget.ts'
import { acceptedEncodings } from './content-encoding.ts'
import { Deadlines } from './deadlines.ts'
import { DnsCache } from './dns-cache.ts'
import type { ExchangeOptions } from './exchange.ts'
import { Flights, type Flight } from './flight.ts'
import { HostGate } from './host-gate.ts'
import { openHttpAgent, type HttpAgent } from './http-agent.ts'
import { requestUrl } from './request-url.ts'
import { RobotsCache, type RobotsFile } from './robots-cache.ts'
import { robotsBytesMax } from './robots-rules.ts'
import { fetchSettings, type FetchSettings } from './settings.ts'
import { isForbidden, single, Trip, type Errand, type TripEnd, type TripTools } from './trip.ts'
import type { Fetcher, FetcherOptions, FetchOutcome, FetchRequest, HostReport } from './types.ts'
import { userAgent } from './user-agent.ts'

/**
 * Memory of bodies: what two thousand requests have on their way. With half of that a list of which
 * many drip takes a fifth more of the processor: a slow body keeps its buffer from all the others.
 */
const pooledBytes = 256 * 1024 * 1024

/** Fetches URLs, thousands at once, politely; the HTTP client is loaded with the first of them. */
export function openFetcher(options: FetcherOptions = {}): Fetcher {
  return new HttpFetcher(fetchSettings(options))
}

class HttpFetcher implements Fetcher {
  readonly #settings: FetchSettings
  readonly #flights = new Flights()
  readonly #pool = new BodyPool(pooledBytes)
  readonly #gate: HostGate
  readonly #robots: RobotsCache
  readonly #guard: AddressGuard
  readonly #headers: readonly string[]
  readonly #exchange: ExchangeOptions
  #tools: TripTools | undefined
  #opening: Promise<TripTools> | undefined
  #isClosed = false

  constructor(settings: FetchSettings) {
    this.#settings = settings
    this.#guard = new AddressGuard(settings.allow)
    this.#gate = new HostGate(settings, settings.clock)
    const read = (url: URL): Promise<RobotsFile> => this.#readRobots(url)
    this.#robots = new RobotsCache(read, settings.userAgentToken, settings.clock)
    this.#headers = [
      'user-agent',
      userAgent(settings.userAgentToken, settings.contactUrl),
      'accept',
      '*/*',
      'accept-encoding',
      acceptedEncodings,
    ]
    this.#exchange = {
      maxBytes: settings.maxBytes,
      atLimit: 'fail',
      wantsBody: (status, headers) =>
        status >= 200 && status < 300 && !isForbidden(headers, settings),
    }
  }

  async fetch(request: FetchRequest, signal?: AbortSignal): Promise<FetchOutcome> {
    if (this.#isClosed) throw closed()
    signal?.throwIfAborted()
    const asked = requestUrl(request.url)
    if (asked.kind === 'refused') return { kind: 'failed', error: asked.error, attempts: 0 }
    const flight = this.#flights.start(signal)
    try {
      const tools = this.#tools ?? (await this.#open())
      const trip = new Trip(tools, flight, this.#errand(asked.url, request))
      return outcome(await trip.run(), trip.attempts)
    } finally {
      this.#flights.end(flight, signal)
    }
  }

  pause(isPaused: boolean): void {
    this.#gate.pause(isPaused)
  }

  recycle(bytes: Uint8Array): void {
    this.#pool.give(bytes)
  }

  hosts(): readonly HostReport[] {
    return this.#gate.reports()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#flights.stopAll(closed())
    this.#gate.close()
    const tools = await this.#opening
    await tools?.agent.close()
  }

  #errand(url: URL, request: FetchRequest): Errand {
    const { etag, lastModified } = request
    const validators = [
      ...(etag === undefined ? [] : ['if-none-match', etag]),
      ...(lastModified === undefined ? [] : ['if-modified-since', lastModified]),
    ]
    const hasValidators = validators.length > 0
    // A fragment stays with the client, and so do the user and password of a URL.
    url.hash = ''
    return {
      url,
      headers: hasValidators ? [...this.#headers, ...validators] : this.#headers,
      hasValidators,
      exchange: this.#exchange,
      robots: this.#settings.robotsTxt ? (hop) => this.#robots.check(hop) : undefined,
      obeysHeader: true,
    }
  }

  #open(): Promise<TripTools> {
    this.#opening ??= this.#load()
    return this.#opening
  }

  async #load(): Promise<TripTools> {
    const settings = this.#settings
    const dns = new DnsCache(settings.resolve, settings.clock)
    const agent: HttpAgent = await openHttpAgent(settings, this.#guard, dns)
    this.#tools = {
      settings,
      agent,
      gate: this.#gate,
      budget: new ByteBudget(settings.maxBytesInFlight),
      pool: this.#pool,
      deadlines: new Deadlines(settings.deadlineMs),
      deadlineMs: settings.deadlineMs,
    }
    return this.#tools
  }

  /** For all who wait for the rules of this origin; stopped only when the fetcher is closed. */
  async #readRobots(url: URL): Promise<RobotsFile> {
    const flight: Flight = this.#flights.start(undefined)
    try {
      const tools = this.#tools ?? (await this.#open())
      const end = await new Trip(tools, flight, this.#robotsErrand(url)).run()
      const file = robotsFile(end)
      if (end.kind === 'fetched') this.#pool.give(end.bytes)
      return file
    } finally {
      this.#flights.end(flight, undefined)
    }
  }

  #robotsErrand(url: URL): Errand {
    return {
      url,
      headers: this.#headers,
      hasValidators: false,
      exchange: {
        maxBytes: robotsBytesMax,
        atLimit: 'cut',
        wantsBody: (status) => status >= 200 && status < 300,
      },
      robots: undefined,
      obeysHeader: false,
    }
  }
}

function closed(): VarveError {
  return new VarveError('INTERRUPTED', { what: 'the fetcher was closed' })
}

function outcome(end: TripEnd, attempts: number): FetchOutcome {
  switch (end.kind) {
    case 'fetched':
      return {
        kind: 'fetched',
        bytes: end.bytes,
        url: end.url,
        attempts,
        ...header('contentType', end.headers['content-type']),
        ...header('etag', end.headers['etag']),
        ...header('lastModified', end.headers['last-modified']),
      }
    case 'unchanged':
      return { kind: 'unchanged', attempts }
    case 'failed': {
      const { kind, error, mayPass } = end
      return { kind, error, attempts, ...(mayPass === undefined ? {} : { mayPass }) }
    }
    default:
      return { kind: end.kind, error: end.error, attempts }
  }
}

function header<Name extends string>(
  name: Name,
  value: string | readonly string[] | undefined,
): { readonly [N in Name]?: string } {
  const text = single(value)
  return text === undefined ? {} : ({ [name]: text } as { readonly [N in Name]?: string })
}

/** RFC 9309, 2.3.1: a server that says it has none, or leads us in circles, has none. */
function robotsFile(end: TripEnd): RobotsFile {
  if (end.kind === 'fetched') return { kind: 'text', text: Buffer.from(end.bytes).toString('utf8') }
  if (end.kind !== 'failed') return { kind: 'none' }
  const { status, error } = end
  if (status === undefined) return { kind: 'unreachable', error }
  const isAnswer = status < 500 && status !== 429
  return isAnswer ? { kind: 'none' } : { kind: 'unreachable', error: `robots.txt: ${error}` }
}
