import { systemClock, systemRandom } from '../../util/index.ts'
import { resolveByDns } from './resolve-by-dns.ts'
import type { FetcherOptions } from './types.ts'

/** Every option with a value. */
export type FetchSettings = Readonly<Required<Omit<FetcherOptions, 'userAgentToken'>>> & {
  /** Lower case, as bot names are compared. */
  readonly userAgentToken: string | undefined
}

const mebibyte = 1024 * 1024

/** img2dataset's default, `disallowed_header_directives`. */
const defaultDirectives = ['noai', 'noimageai', 'noindex', 'noimageindex']

export function fetchSettings(options: FetcherOptions): FetchSettings {
  const token = options.userAgentToken?.trim().toLowerCase()
  return {
    contactUrl: 'https://www.npmjs.com/package/varve',
    robotsTxt: false,
    allow: [],
    ignoreCertificates: false,
    proxy: true,
    timeoutMs: 10_000,
    deadlineMs: 30_000,
    retries: 2,
    backoffMs: 500,
    maxBackoffMs: 30_000,
    maxBytes: 100 * mebibyte,
    maxBytesInFlight: 512 * mebibyte,
    maxRedirects: 10,
    concurrency: 1024,
    hostConcurrency: 8,
    hostRate: Number.POSITIVE_INFINITY,
    hostFailures: 10,
    hostAsideMs: 10_000,
    maxRetryAfterMs: 60_000,
    resolve: resolveByDns,
    clock: systemClock,
    random: systemRandom,
    ...withoutUndefined(options),
    disallowedHeaderDirectives: lowerCase(options.disallowedHeaderDirectives ?? defaultDirectives),
    userAgentToken: token === '' ? undefined : token,
  }
}

function lowerCase(words: readonly string[]): readonly string[] {
  return words.map((word) => word.trim().toLowerCase())
}

function withoutUndefined(options: FetcherOptions): FetcherOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
