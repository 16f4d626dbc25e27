import { orderPipelines, type PipelineSpec } from '../pipelines/index.ts'
import type { RepoKey, StoreTx } from '../repos/index.ts'
import { pipelineKey } from './pipeline-catalog.ts'

export type Outcome = 'created' | 'updated' | 'unchanged'

export interface ApplyAllOptions {
  /**
   * `create` refuses a pipeline that exists, `update` gives each that exists a new version, `apply`
   * (default) leaves those alone whose spec is as it was.
   */
  readonly mode?: 'create' | 'update' | 'apply'
  /** Every datum of an updated pipeline runs again. */
  readonly reprocess?: boolean
  /** What happens first, in the same transaction: the repos they read. */
  readonly first?: (tx: StoreTx) => Promise<void>
  /** Answers what would happen, or throws what would be thrown, and changes nothing. */
  readonly rehearse?: boolean
}

/** How one pipeline is created and changed; answers its key. */
export interface PipelineChanger {
  create(tx: StoreTx, spec: PipelineSpec): Promise<RepoKey>
  update(tx: StoreTx, spec: PipelineSpec): Promise<RepoKey>
  /** Undefined when there is no such pipeline. */
  isUnchanged(tx: StoreTx, spec: PipelineSpec): boolean | undefined
}

export interface Applied {
  readonly outcome: Outcome
  readonly key: RepoKey
}

/** Pipelines in the order given; they are made in the order their inputs need. */
export async function applyPipelines(
  tx: StoreTx,
  specs: readonly PipelineSpec[],
  {
    mode = 'apply',
    changer,
  }: { mode?: ApplyAllOptions['mode'] | undefined; changer: PipelineChanger },
): Promise<readonly Applied[]> {
  const done = new Map<PipelineSpec, Applied>()
  const exists = (project: string, repo: string): boolean =>
    tx.repos.exists(pipelineKey(`${project}/${repo}`))
  for (const spec of orderPipelines(specs, exists)) {
    const isUnchanged = changer.isUnchanged(tx, spec)
    if (mode === 'create' || isUnchanged === undefined) {
      done.set(spec, { outcome: 'created', key: await changer.create(tx, spec) })
    } else if (mode === 'apply' && isUnchanged) {
      done.set(spec, { outcome: 'unchanged', key: pipelineKey(`${spec.project}/${spec.name}`) })
    } else done.set(spec, { outcome: 'updated', key: await changer.update(tx, spec) })
  }
  return specs.flatMap((spec) => done.get(spec) ?? [])
}
