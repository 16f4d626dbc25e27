/** Room `executors`: run tasks, know nothing of datums. */
export { type Executor, type TaskOutcome } from './executor.ts'
