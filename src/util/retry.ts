import type { Random } from './random.ts'

export interface Backoff {
  /** Delay before the second try, in milliseconds. */
  readonly firstMs: number
  readonly maxMs: number
}

/**
 * Milliseconds to wait before try `attempt` (2 is the first retry): exponential with full jitter, so
 * that many clients failing together do not come back together.
 * Source: M. Brooker, "Exponential Backoff And Jitter", 2015.
 */
export function backoffDelay(attempt: number, backoff: Backoff, random: Random): number {
  const ceiling = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.max(0, attempt - 2))
  return Math.floor(ceiling * random.fraction())
}

export interface RetryOptions extends Backoff {
  /** Total tries, the first included. */
  readonly tries: number
  readonly random: Random
  /** Waits; rejects when the work is to be given up. */
  readonly sleep: (ms: number) => Promise<void>
  /** Whether a rejection is worth another try; all are by default. */
  readonly retryable?: (error: unknown) => boolean
}

/** Wraps a task function so that it is tried again. Rejects with the error of the last try. */
export function withRetry<Task, Result>(
  work: (task: Task) => Promise<Result>,
  options: RetryOptions,
): (task: Task) => Promise<Result> {
  return async (task) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(task)
      } catch (error) {
        const again = attempt < options.tries && (options.retryable?.(error) ?? true)
        if (!again) throw error
        await options.sleep(backoffDelay(attempt + 1, options, options.random))
      }
    }
  }
}
