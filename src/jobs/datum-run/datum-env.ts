import type { Datum } from '../../pipelines/index.ts'
import type { JobInfo } from '../types.ts'

export interface EnvOf {
  readonly job: JobInfo
  readonly datum: Datum
  readonly pipeline: { readonly name: string; readonly project: string }
  /** Version of the spec: there is no spec commit to name. */
  readonly version: number
}

/** The variables every command gets, under the names Pachyderm gives them. */
export function jobEnv({ job, pipeline, version }: Omit<EnvOf, 'datum'>): Record<string, string> {
  return {
    PACH_JOB_ID: job.id,
    PACH_OUTPUT_COMMIT_ID: job.id,
    PPS_PIPELINE_NAME: pipeline.name,
    PPS_PROJECT_NAME: pipeline.project,
    PPS_SPEC_COMMIT: String(version),
    PACH_NAMESPACE: 'default',
    PACH_IN_WORKER: 'true',
    ...Object.fromEntries(job.inputs.map(({ input, id }) => [`${input}_COMMIT`, id])),
  }
}

/**
 * The variables of one datum. An input that brings several files (group) names its first, as
 * upstream does; keys are given under the input's name.
 */
export function datumEnv(datum: Datum): Record<string, string> {
  const env: Record<string, string> = { PACH_DATUM_ID: datum.id, FILESET_ID: datum.id }
  for (const input of datum.inputs) {
    env[input.name] ??=
      input.path === '' ? `/pfs/${input.name}/` : `/pfs/${input.name}/${input.path}`
    if (input.joinOn !== '') env[`PACH_DATUM_${input.name}_JOIN_ON`] ??= input.joinOn
    if (input.groupBy !== '') env[`PACH_DATUM_${input.name}_GROUP_BY`] ??= input.groupBy
  }
  return env
}
