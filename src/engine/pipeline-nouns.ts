import { isDeepStrictEqual } from 'node:util'
import { VarveError, type CommitId } from '../model/index.ts'
import { pipelineKey, type ApplyOutcome, type Jobs, type PipelineInfo } from '../jobs/index.ts'
import { orderPipelines, type PipelineSpec } from '../pipelines/index.ts'
import { repoKey, type CommitInfo, type Repos } from '../repos/index.ts'
import type { PipelineChange, PipelineChanges, SpecSource } from './values.ts'

export interface ChangeOptions {
  /** `create` refuses a pipeline that exists; `update` creates those that do not. */
  readonly mode: 'create' | 'update'
  /** Says what would happen, and does nothing. */
  readonly dryRun?: boolean
  /** Every datum runs again although neither code nor inputs changed. */
  readonly reprocess?: boolean
  /** Project of specs that name none. */
  readonly project?: string
}

/** Pipelines as users handle them: by spec files and by name. */
export interface PipelineNouns {
  /** Creates or updates the pipelines of some spec files, in their order. */
  change(sources: readonly SpecSource[], options: ChangeOptions): Promise<PipelineChanges>
  /** One pipeline from a spec that is a value already. */
  create(spec: PipelineSpec): Promise<PipelineInfo>
  update(spec: PipelineSpec, options?: { readonly reprocess?: boolean }): Promise<PipelineInfo>
  /** What applying a spec would do. */
  wouldApply(spec: PipelineSpec): 'created' | 'updated' | 'unchanged'
  /** Several at once: creates, updates or leaves alone; all of them or none. */
  applyAll: Jobs['pipelines']['applyAll']
  /** Throws `REPO_NOT_FOUND` or `CYCLE`; `declared` are repos that will be there by then. */
  checkGraph(specs: readonly PipelineSpec[], declared?: readonly string[]): void
  /** Throws for an unknown operator or bad parameters, before anything is changed. */
  check(specs: readonly PipelineSpec[]): Promise<void>
  inspect(pipeline: string): PipelineInfo
  /** With `history`, earlier versions too, newest first. */
  list(filter?: { readonly project?: string; readonly history?: boolean }): readonly PipelineInfo[]
  delete: Jobs['pipelines']['delete']
  start(pipeline: string): Promise<PipelineInfo>
  stop(pipeline: string): Promise<PipelineInfo>
  /** One more job on the present inputs; answers its id. */
  rerun(pipeline: string, options?: { readonly reprocess?: boolean }): Promise<CommitId>
  /** Ticks the cron inputs now; answers the commits made. */
  tick(pipeline: string): Promise<readonly CommitInfo[]>
  /** The spec of a pipeline, or one given, as YAML, as `edit pipeline` opens it. */
  specText(of: string | PipelineSpec): Promise<string>
}

export function pipelineNouns(
  { pipelines, cron }: Jobs,
  repos: Repos,
  check: (specs: readonly PipelineSpec[]) => Promise<void>,
): PipelineNouns {
  const known = (spec: PipelineSpec): PipelineInfo | undefined =>
    pipelines.list().find(({ key }) => key === pipelineKey(`${spec.project}/${spec.name}`))
  const nouns: PipelineNouns = {
    change: async (sources, options) => {
      const { readSpecSources } = await import('./read-specs.ts')
      const { specs, warnings } = await readSpecSources(sources, options)
      if (options.mode === 'create') refuseKnown(specs, known)
      await check(specs)
      if (options.dryRun === true) {
        nouns.checkGraph(specs)
        const changes = specs.map((spec) => wouldChange(spec, known(spec)))
        return { changes, warnings, specs }
      }
      const { mode, reprocess = false } = options
      const outcomes = await pipelines.applyAll(specs, { mode, reprocess })
      return { changes: outcomes.map(changeOf), warnings }
    },
    create: (spec) => pipelines.create(spec),
    update: (spec, options) => pipelines.update(spec, options),
    wouldApply: (spec) => {
      const info = known(spec)
      if (info === undefined) return 'created'
      return isDeepStrictEqual(info.spec, asStored(spec)) ? 'unchanged' : 'updated'
    },
    checkGraph: (specs, declared = []) => {
      const wanted = new Set(declared.map((repo) => repoKey(repo)))
      orderPipelines(specs, (project, repo) => {
        const key = repoKey(`${project}/${repo}`)
        return wanted.has(key) || repos.exists(key)
      })
    },
    check,
    applyAll: (specs, options) => pipelines.applyAll(specs, options),
    inspect: (pipeline) => pipelines.inspect(pipeline),
    list: ({ project, history = false } = {}) =>
      pipelines
        .list()
        .filter(({ spec }) => project === undefined || spec.project === project)
        .flatMap((info) => (history ? pipelines.history(info.key) : [info])),
    delete: (pipeline, options) => pipelines.delete(pipeline, options),
    start: (pipeline) => pipelines.start(pipeline),
    stop: (pipeline) => pipelines.stop(pipeline),
    rerun: (pipeline, options) => pipelines.rerun(pipeline, options),
    tick: (pipeline) => cron.tickNow(pipeline),
    specText: async (of) => {
      const spec = typeof of === 'string' ? pipelines.inspect(of).spec : of
      return (await import('./read-specs.ts')).specAsYaml(spec)
    },
  }
  return nouns
}

function refuseKnown(
  specs: readonly PipelineSpec[],
  known: (spec: PipelineSpec) => PipelineInfo | undefined,
): void {
  const names = specs.filter((spec) => known(spec) !== undefined).map(({ name }) => name)
  if (names.length === 0) return
  throw new VarveError('ALREADY_EXISTS', {
    what: `There is a pipeline ${names.map((name) => `"${name}"`).join(', ')} already; nothing was created.`,
    next: 'Use `varve update pipeline`, or `varve delete pipeline` first.',
    data: { pipelines: names },
  })
}

/** As `update` would: it gives every pipeline a new version. */
function wouldChange(spec: PipelineSpec, known: PipelineInfo | undefined): PipelineChange {
  const pipeline = pipelineKey(`${spec.project}/${spec.name}`)
  const kind = known === undefined ? 'create' : 'update'
  return { kind, pipeline, version: (known?.version ?? 0) + 1 }
}

function changeOf({ outcome, pipeline: { key, version } }: ApplyOutcome): PipelineChange {
  const kinds = { created: 'create', updated: 'update', unchanged: 'unchanged' } as const
  return { kind: kinds[outcome], pipeline: key, version }
}

/** JSON drops what is undefined. */
function asStored(spec: PipelineSpec): unknown {
  return JSON.parse(JSON.stringify(spec))
}
