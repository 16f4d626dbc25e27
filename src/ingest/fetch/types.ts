import type { Clock, Random } from '../../util/index.ts'

export interface FetchRequest {
  readonly url: string
  /** Validators of an earlier answer: with either, an unchanged resource ends as `unchanged`. */
  readonly etag?: string
  readonly lastModified?: string
}

/**
 * How a fetch ended. Error texts are img2dataset's wherever it has one (docs/fetching.md lists all),
 * because people count rows by them. `attempts` counts tries on the network; 0 means none was made.
 */
export type FetchOutcome =
  | {
      readonly kind: 'fetched'
      readonly bytes: Uint8Array
      /** Where the bytes came from, after redirects. */
      readonly url: string
      readonly contentType?: string
      readonly etag?: string
      readonly lastModified?: string
      readonly attempts: number
    }
  | { readonly kind: 'unchanged'; readonly attempts: number }
  | { readonly kind: 'opted_out'; readonly error: string; readonly attempts: number }
  | {
      readonly kind: 'failed'
      readonly error: string
      readonly attempts: number
      /** The host was in trouble or not to be reached: another time it may answer. */
      readonly mayPass?: true
    }

export type HostCondition =
  /** Requests go out. */
  | 'open'
  /** Waiting for its rate, or for as long as it asked with Retry-After. */
  | 'delayed'
  /** Failed too often: its requests wait, then one is tried. */
  | 'aside'
  /** Failed again after that, or asked for a longer wait than we grant: its requests fail at once. */
  | 'refused'

export interface HostReport {
  /** Name and port, as in a URL. */
  readonly host: string
  readonly condition: HostCondition
  readonly active: number
  readonly waiting: number
  /** Requests that were answered, whatever the status, and those that were not. */
  readonly answered: number
  readonly failed: number
  /** Milliseconds since the Unix epoch; only while the host is not open. */
  readonly until?: number
  readonly lastError?: string
}

export interface Fetcher {
  /**
   * Never throws for what the world did: that is an outcome. It rejects with the signal's reason when
   * the caller stops it, and with `INTERRUPTED` when the fetcher is closed meanwhile.
   */
  fetch(request: FetchRequest, signal?: AbortSignal): Promise<FetchOutcome>
  /**
   * The caller is done with the bytes of an outcome, and so is everybody it gave them to: their
   * memory becomes that of another body. Optional; dangerous only when it is not true.
   */
  recycle(bytes: Uint8Array): void
  /** While paused no new request goes out: for a caller who cannot keep up with the bytes. */
  pause(isPaused: boolean): void
  /** Hosts of late, those with work first. */
  hosts(): readonly HostReport[]
  /** Stops what is under way and closes all connections. */
  close(): Promise<void>
}

/** Addresses of a host name. Errors carry the codes of `node:dns`. */
export type Resolve = (
  hostname: string,
) => Promise<{ readonly addresses: readonly string[]; readonly ttlSeconds?: number }>

export interface FetcherOptions {
  /** Stands in the user agent and is the bot name that opt-outs are read for. */
  readonly userAgentToken?: string
  /** Where a site owner finds out who is asking; stands in the user agent. */
  readonly contactUrl?: string
  /** `X-Robots-Tag` directives that opt out; an empty list turns the check off. */
  readonly disallowedHeaderDirectives?: readonly string[]
  /** Obey robots.txt. Default false; the service turns it on. */
  readonly robotsTxt?: boolean
  /** Host names, addresses and CIDR ranges that may be fetched although they are not public. */
  readonly allow?: readonly string[]
  /** Take any TLS certificate. Default false. */
  readonly ignoreCertificates?: boolean
  /** Honour http_proxy, https_proxy and no_proxy. Default true. */
  readonly proxy?: boolean

  /** For connecting, for the headers and for each pause of the body. Default 10,000. */
  readonly timeoutMs?: number
  /** For one try with all its redirects, time in our own queues not counted. Default 30,000. */
  readonly deadlineMs?: number
  /** Tries after the first one. Default 2. */
  readonly retries?: number
  /** Greatest delay before the first retry; doubles with each. Default 500. */
  readonly backoffMs?: number
  readonly maxBackoffMs?: number

  /** Largest body, before and after decompression. Default 100 MiB. */
  readonly maxBytes?: number
  /** Bodies being received, all together; beyond it, bodies wait for each other. Default 512 MiB. */
  readonly maxBytesInFlight?: number
  /** Default 10. */
  readonly maxRedirects?: number

  /** Requests on the network at once. Default 1,024. */
  readonly concurrency?: number
  /** Of these, to one host. Default 8. */
  readonly hostConcurrency?: number
  /** Requests per second to one host. Default: no limit. */
  readonly hostRate?: number
  /** Failures in a row after which a host is set aside. Default 10. */
  readonly hostFailures?: number
  /** For how long at first; doubles with each further failure. Default 10,000. */
  readonly hostAsideMs?: number
  /** A host that asks for a longer wait is refused meanwhile. Default 60,000. */
  readonly maxRetryAfterMs?: number

  readonly resolve?: Resolve
  readonly clock?: Clock
  readonly random?: Random
}
