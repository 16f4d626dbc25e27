import { messageOf } from '../util/index.ts'
import type { Executor, TaskOutcome } from './executor.ts'

export type TaskFunction<Task, Result> = (task: Task) => Promise<Result> | Result

/** Runs tasks in this thread, one after another: for tests and for tiny batches. */
export function inlineExecutor<Task, Result>(
  work: TaskFunction<Task, Result>,
): Executor<Task, Result> {
  return {
    slots: 1,
    run: async (tasks, signal) => {
      const outcomes: TaskOutcome<Result>[] = []
      for (const task of tasks) outcomes.push(await runOne(work, task, signal))
      return outcomes
    },
    close: () => Promise.resolve(),
  }
}

/** One task as an outcome; a signal that is already aborted keeps it from starting. */
export async function runOne<Task, Result>(
  work: TaskFunction<Task, Result>,
  task: Task,
  signal?: AbortSignal,
): Promise<TaskOutcome<Result>> {
  if (signal?.aborted === true) return { kind: 'aborted' }
  try {
    return { kind: 'done', result: await work(task) }
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) }
  }
}
