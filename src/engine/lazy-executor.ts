import type { Executor } from '../executors/index.ts'

/** An executor whose threads and code come with the first batch. */
export function lazyExecutor<Task, Result>(
  slots: number,
  open: () => Promise<Executor<Task, Result>>,
): Executor<Task, Result> {
  let opening: Promise<Executor<Task, Result>> | undefined
  return {
    slots,
    run: async (tasks, signal) => (await (opening ??= open())).run(tasks, signal),
    close: async () => (await opening)?.close(),
  }
}
