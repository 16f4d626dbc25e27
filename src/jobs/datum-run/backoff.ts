import type { Random } from '../../util/index.ts'

const firstMs = 100
const longestMs = 10_000

/**
 * How long to wait before try number `next` (2 is the first retry): doubling, half of it random, so
 * that datums which failed together do not come back together.
 */
export function backoffMs(next: number, random: Random): number {
  const full = Math.min(longestMs, firstMs * 2 ** (next - 2))
  return full / 2 + (random.fraction() * full) / 2
}

/** Resolves after a while, or at once when aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
