/** Room `executors`: run tasks, know nothing of datums. */
export { type Executor, type TaskOutcome } from './executor.ts'
export { inlineExecutor, type TaskFunction } from './inline.ts'
export { Slots } from './slots.ts'
export { threadExecutor, type ThreadOptions } from './threads/thread-executor.ts'
