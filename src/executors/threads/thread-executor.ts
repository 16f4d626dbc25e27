import type { Piscina } from 'piscina'
import { inBatches, messageOf, programModule } from '../../util/index.ts'
import type { Executor, TaskOutcome } from '../executor.ts'
import type { WorkerInit, WorkerMessage } from './thread-worker.ts'

export interface ThreadOptions {
  /** Module (file URL) that exports `run(task)` or `run(task, data)`; loaded once per thread. */
  readonly module: URL
  /** Handed to `run` as its second argument; must survive a structured clone. */
  readonly data?: unknown
  readonly slots: number
  /** Tasks per message. Messages, not tasks, are what costs: 32 by default. */
  readonly batch?: number
}

/**
 * Worker threads (piscina), started with the first batch. Byte arrays that own their whole buffer
 * come back without a copy. A thread that dies takes the tasks of its message with it (`lost`);
 * piscina starts another. An abort ends the threads that are at work.
 */
export function threadExecutor<Task, Result>(options: ThreadOptions): Executor<Task, Result> {
  let starting: Promise<Piscina> | undefined
  const pool = (): Promise<Piscina> => (starting ??= startPool(options))
  return {
    slots: options.slots,
    run: async (tasks, signal) => {
      if (tasks.length === 0) return []
      if (signal?.aborted === true) return tasks.map(() => ({ kind: 'aborted' }))
      const running = await pool()
      const batches = inBatches(tasks, batchSize(options, tasks.length))
      const sendOptions = signal === undefined ? {} : { signal }
      const results = await Promise.all(
        Array.from(batches, (batch) => sendBatch<Result>(running, batch, sendOptions)),
      )
      return results.flat()
    },
    close: async () => {
      await (await starting)?.destroy()
    },
  }
}

async function startPool({ module, data, slots }: ThreadOptions): Promise<Piscina> {
  const { Piscina } = await import('piscina')
  const workerData: WorkerInit = { module: module.href, data }
  return new Piscina({
    filename: programModule('executors/threads/thread-worker').href,
    name: 'runMessage',
    workerData,
    minThreads: slots,
    maxThreads: slots,
    // Two messages on their way per thread hide the latency of the channel.
    concurrentTasksPerWorker: 2,
    idleTimeout: Infinity,
  })
}

/** No larger than lets every thread have work twice. */
function batchSize({ batch = 32, slots }: ThreadOptions, count: number): number {
  return Math.max(1, Math.min(batch, Math.ceil(count / (slots * 2))))
}

async function sendBatch<Result>(
  pool: Piscina,
  tasks: readonly unknown[],
  options: { readonly signal?: AbortSignal },
): Promise<readonly TaskOutcome<Result>[]> {
  try {
    const message: WorkerMessage = { tasks }
    return (await pool.run(message, options)) as readonly TaskOutcome<Result>[]
  } catch (error) {
    if (options.signal?.aborted === true) return tasks.map(() => ({ kind: 'aborted' }))
    const message = messageOf(error)
    return tasks.map(() => ({ kind: 'lost', message: `the worker thread died: ${message}` }))
  }
}
