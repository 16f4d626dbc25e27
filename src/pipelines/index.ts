/** Room `pipelines`: specs, globs, inputs and plans. Pure: same values in, same plan out. */
export type {
  ChangedInput,
  CommandTransform,
  CronInput,
  Datum,
  DatumInput,
  FileChange,
  GlobPlan,
  Input,
  InputView,
  InputViewPair,
  KeyIndex,
  KeyIndexEdit,
  KeyIndexQuery,
  LeafInput,
  PfsInput,
  PipelineSpec,
  PlanBatch,
  PlanChange,
  Transform,
  TreePath,
  Trigger,
} from './types.ts'
export { compileGlob, type Glob } from './glob/glob.ts'
export { datumCacheKey } from './inputs/datum-id.ts'
export { orderPipelines } from './graph.ts'
export { inputShape, leafInputs } from './inputs/input-tree.ts'
export { keyIndexKey, keyIndexPath, keyIndexPrefix } from './plan/key-index.ts'
export { formatFault, refuseFaults, type SpecFault, type SpecSource } from './spec/spec-fault.ts'
export type { ReadOptions, ReadPipelines } from './spec/read-pipelines.ts'
export type { ImageSettings, ProjectFile, ProjectRepo, ReadProject } from './spec/read-project.ts'

/** The planner. Loaded on demand: most commands never plan. */
export async function loadPlanner() {
  return import('./plan/plan.ts')
}

/** Cron texts and their ticks. Loaded on demand: few projects have a cron input. */
export async function loadCron() {
  return import('./cron.ts')
}

/** The reader of specs and project files. Loaded on demand: it brings zod and yaml with it. */
export async function loadSpecReader() {
  return import('./spec/spec-reader.ts')
}
