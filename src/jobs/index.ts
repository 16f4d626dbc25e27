/** Room `jobs`: pipelines in the catalog, the jobs changes cause, and running them. */
export type { CronTicks } from './cron-ticks.ts'
export type { CommandFacts, ImageFacts } from './datum-run/command-task.ts'
export type {
  OperatorAnswer,
  OperatorExecutor,
  OperatorResult,
  OperatorTask,
  OperatorTaskFile,
} from './datum-run/operator-runner.ts'
export type { DatumLog, Datums } from './datums.ts'
export type { Explain } from './explain.ts'
export type { CodeFacts } from './fingerprint.ts'
export { openJobs, type Jobs, type JobsDeps } from './jobs.ts'
export type { ApplyAllOptions } from './apply-pipelines.ts'
export type { ApplyOutcome, Pipelines } from './pipelines.ts'
export { pipelineKey } from './pipeline-catalog.ts'
export type { PlanOptions } from './plan-jobs.ts'
export { jobsPropagation } from './propagation.ts'
export { jobsReducer } from './reducer.ts'
export type { Machine } from './datum-run/machine.ts'
export type { CacheLimits, CacheTrim } from './trim-cache.ts'
export type {
  CodeRecord,
  DatumInfo,
  DatumOutput,
  DatumState,
  Explanation,
  JobCounters,
  JobFilter,
  JobInfo,
  JobInput,
  JobPlan,
  JobRef,
  JobState,
  PipelineInfo,
  PipelineRef,
  PipelineSource,
  PlannedDatum,
  RunEvent,
  RunOptions,
  RunReason,
} from './types.ts'

/** How one process asks another to stop a job. Loaded on demand. */
export async function loadControl() {
  return import('./control.ts')
}
