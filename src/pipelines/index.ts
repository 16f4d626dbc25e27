/** Room `pipelines`: specs, globs, inputs and plans. Pure: same values in, same plan out. */
export type {
  ChangedInput,
  CommandTransform,
  CompositeInput,
  CronInput,
  CrossInput,
  Datum,
  DatumInput,
  DatumSetSpec,
  FileChange,
  GlobPlan,
  GroupInput,
  Input,
  InputView,
  InputViewPair,
  JoinInput,
  Json,
  JsonObject,
  KeyIndex,
  KeyIndexEdit,
  KeyIndexEntry,
  KeyIndexQuery,
  LeafInput,
  OperatorTransform,
  PfsInput,
  PipelineSpec,
  PlanBatch,
  PlanChange,
  ProcessStep,
  ProcessTransform,
  ResourceLimits,
  SecretSpec,
  Transform,
  TreePath,
  Trigger,
  UnionInput,
} from './types.ts'
export { compileGlob, type Glob } from './glob/glob.ts'
export { expandKey } from './glob/key-template.ts'
export { compareInputs, datumCacheKey, datumContent, datumId } from './inputs/datum-id.ts'
export { orderPipelines } from './graph.ts'
export { inputShape, isLeaf, leafInputs } from './inputs/input-tree.ts'
export { keyIndexKey, keyIndexPath, keyIndexPrefix } from './plan/key-index.ts'
export { planAll, planChanges } from './plan/plan.ts'
export { checkCron, nextTick, tickFileName, ticksBetween } from './cron.ts'
export { formatFault, refuseFaults, type SpecFault, type SpecSource } from './spec/spec-fault.ts'
export type { ReadOptions, ReadPipelines } from './spec/read-pipelines.ts'
export type { ImageSettings, ProjectFile, ProjectRepo, ReadProject } from './spec/read-project.ts'

/** The reader of specs and project files. Loaded on demand: it brings zod and yaml with it. */
export async function loadSpecReader() {
  return import('./spec/spec-reader.ts')
}
