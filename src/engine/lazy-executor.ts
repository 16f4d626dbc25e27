import type { Executor } from '../executors/index.ts'

/** An executor whose threads and code come with the first batch, when `slots` is asked for good. */
export function lazyExecutor<Task, Result>(
  slots: () => number,
  open: (slots: number) => Promise<Executor<Task, Result>>,
): Executor<Task, Result> {
  let opening: Promise<Executor<Task, Result>> | undefined
  return {
    get slots() {
      return slots()
    },
    run: async (tasks, signal) => (await (opening ??= open(slots()))).run(tasks, signal),
    close: async () => (await opening)?.close(),
  }
}
