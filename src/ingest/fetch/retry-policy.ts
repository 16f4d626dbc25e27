/** How long a host asked us to wait. Seconds or an HTTP date, RFC 9110 part 10.2.3. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

/** Only what may pass by itself: a server in trouble, or one that asked for patience. */
export function statusMayPass(status: number): boolean {
  return status === 429 || (status >= 500 && status <= 599)
}

export interface Backoff {
  readonly backoffMs: number
  readonly maxBackoffMs: number
}

/**
 * Milliseconds before the next try, `attempts` made so far: exponential with full jitter, so that
 * requests that failed together do not come back together. The ceiling doubles from `backoffMs`.
 */
export function backoffDelay(attempts: number, backoff: Backoff, fraction: number): number {
  const ceiling = Math.min(backoff.maxBackoffMs, backoff.backoffMs * 2 ** (attempts - 1))
  return Math.floor(ceiling * fraction)
}
