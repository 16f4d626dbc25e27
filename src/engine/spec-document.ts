import type { Input, PipelineSpec, Transform } from '../pipelines/index.ts'
import { unreachable } from '../util/index.ts'

/** A spec in the field names of a spec file, without what has its default: read again, it is the same. */
export function specToDocument(spec: PipelineSpec): Record<string, unknown> {
  const pipeline =
    spec.project === 'default' ? { name: spec.name } : { project: spec.project, name: spec.name }
  const document = given({
    pipeline,
    description: spec.description || undefined,
    metadata: metadataDocument(spec),
    input: spec.input === undefined ? undefined : inputDocument(spec.input, spec.project),
    transform: transformDocument(spec.transform),
    parallelism_spec: spec.parallelism === undefined ? undefined : { constant: spec.parallelism },
    output_branch: spec.outputBranch === 'master' ? undefined : spec.outputBranch,
    egress: spec.egressUrl === undefined ? undefined : { URL: spec.egressUrl },
    datum_tries: spec.datumTries === 3 ? undefined : spec.datumTries,
    datum_timeout: seconds(spec.datumTimeoutMs),
    job_timeout: seconds(spec.jobTimeoutMs),
    reprocess_spec: spec.reprocessSpec === 'until_success' ? undefined : spec.reprocessSpec,
    on_failure: spec.onFailure === 'fail' ? undefined : spec.onFailure,
    cache: spec.cache ? undefined : false,
    autoscaling: spec.autoscaling ? true : undefined,
    resource_limits: limitsDocument(spec),
    datum_set_spec: datumSetDocument(spec),
  })
  for (const [path, value] of Object.entries(spec.ignored)) putAt(document, path, value)
  return document
}

/** At a path such as `resource_limits.gpu` or `input.cross[1].pfs.s3`. */
function putAt(document: Record<string, unknown>, path: string, value: unknown): void {
  const steps = path.match(/[^.[\]]+/g) ?? []
  const last = steps.pop()
  let place = document
  for (const step of steps) place = (place[step] ??= {}) as Record<string, unknown>
  if (last !== undefined) place[last] = value
}

function transformDocument(transform: Transform): Record<string, unknown> {
  switch (transform.kind) {
    case 'operator':
      return given({ operator: transform.operator, params: unlessEmpty(transform.params) })
    case 'process':
      return {
        process: transform.process.map(({ operator, params }) => ({ [operator]: params })),
      }
    case 'command':
      return given({
        image: transform.image,
        cmd: transform.cmd,
        stdin: transform.stdin,
        err_cmd: transform.errCmd,
        err_stdin: transform.errStdin,
        accept_return_code: unlessEmpty(transform.acceptReturnCode),
        env: unlessEmpty(transform.env),
        secrets: unlessEmpty(
          transform.secrets.map(({ name, key, mountPath, envVar }) =>
            given({ name, key, mount_path: mountPath, env_var: envVar }),
          ),
        ),
        dockerfile: transform.dockerfile,
        user: transform.user,
        working_dir: transform.workingDir,
        datum_batching: transform.datumBatching ? true : undefined,
        network: transform.network ? true : undefined,
      })
    default:
      return unreachable(transform)
  }
}

/** An input that names no project is of the pipeline's. */
function inputDocument(input: Input, home: string): Record<string, unknown> {
  if (input.kind === 'pfs') {
    return {
      pfs: given({
        project: input.project === home ? undefined : input.project,
        name: input.name === input.repo ? undefined : input.name,
        repo: input.repo,
        repo_type: input.repoType === 'user' ? undefined : input.repoType,
        branch: input.branch === 'master' ? undefined : input.branch,
        glob: input.glob,
        join_on: input.joinOn || undefined,
        outer_join: input.outerJoin ? true : undefined,
        group_by: input.groupBy || undefined,
        lazy: input.lazy ? true : undefined,
        empty_files: input.emptyFiles ? true : undefined,
        reference: input.reference ? true : undefined,
        propagation_spec: input.propagate ? undefined : { never: true },
        trigger: triggerDocument(input.trigger),
      }),
    }
  }
  if (input.kind === 'cron') {
    const start = input.startMs === undefined ? undefined : new Date(input.startMs).toISOString()
    const { name, repo, spec } = input
    const project = input.project === home ? undefined : input.project
    const overwrite = input.overwrite ? true : undefined
    return { cron: given({ name, project, repo, spec, overwrite, start }) }
  }
  return { [input.kind]: input.inputs.map((each) => inputDocument(each, home)) }
}

function triggerDocument(
  trigger: Extract<Input, { kind: 'pfs' }>['trigger'],
): Record<string, unknown> | undefined {
  if (trigger === undefined) return undefined
  return given({
    branch: trigger.branch,
    all: trigger.all ? true : undefined,
    size: trigger.sizeBytes === undefined ? undefined : String(trigger.sizeBytes),
    commits: trigger.commits,
    rate_limit_spec: trigger.rateLimitSpec,
    cron_spec: trigger.cronSpec,
  })
}

function metadataDocument({ metadata }: PipelineSpec): unknown {
  const { annotations, labels } = metadata
  const named = { annotations: unlessEmpty(annotations), labels: unlessEmpty(labels) }
  return unlessEmpty(given(named))
}

function limitsDocument({ resourceLimits }: PipelineSpec): unknown {
  const { cpu, memoryBytes, diskBytes } = resourceLimits
  return unlessEmpty(given({ cpu, memory: memoryBytes, disk: diskBytes }))
}

function datumSetDocument({ datumSetSpec }: PipelineSpec): unknown {
  const { number, sizeBytes, perWorker } = datumSetSpec
  return unlessEmpty(given({ number, size_bytes: sizeBytes, per_worker: perWorker }))
}

function seconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms / 1000}s`
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value
}
