import { pathToFileURL } from 'node:url'
import type { JsonValue } from '../../model/index.ts'
import { checkedName } from './checked-name.ts'
import type { PipelineSpec, ProcessStep, ResourceLimits, Transform } from '../types.ts'
import { effectiveInput } from './effective-input.ts'
import type { WrittenPipeline } from './pipeline-schema.ts'
import type { Walked } from './spec-walk.ts'

/** Fills in the built-in defaults and checks what one field cannot tell alone. */
export function effectiveSpec(
  written: WrittenPipeline,
  { ignored, fault }: Walked,
  defaultProject: string,
): PipelineSpec {
  const project = written.pipeline.project ?? defaultProject
  const name = written.pipeline.name
  checkedName('pipeline', name, ['pipeline', 'name'], fault)
  checkedName('project', project, ['pipeline', 'project'], fault)
  const outputBranch = written.output_branch ?? 'master'
  checkedName('branch', outputBranch, ['output_branch'], fault)
  return {
    name,
    project,
    description: written.description ?? '',
    transform: effectiveTransform(written.transform, fault),
    input: effectiveInput(written.input, { project, pipeline: name, fault }),
    parallelism: written.parallelism_spec?.constant,
    outputBranch,
    egressUrl: effectiveEgress(written.egress, fault),
    datumSetSpec: {
      number: written.datum_set_spec?.number,
      sizeBytes: written.datum_set_spec?.size_bytes,
      perWorker: written.datum_set_spec?.per_worker,
    },
    datumTimeoutMs: written.datum_timeout,
    jobTimeoutMs: written.job_timeout,
    datumTries: written.datum_tries ?? 3,
    reprocessSpec: written.reprocess_spec ?? 'until_success',
    onFailure: written.on_failure ?? 'fail',
    cache: written.cache ?? true,
    autoscaling: written.autoscaling ?? false,
    resourceLimits: effectiveLimits(written.resource_limits),
    metadata: {
      annotations: written.metadata?.annotations ?? {},
      labels: written.metadata?.labels ?? {},
    },
    ignored,
  }
}

type WrittenTransform = WrittenPipeline['transform']

function effectiveTransform(written: WrittenTransform, fault: Walked['fault']): Transform {
  const kinds = (['cmd', 'operator', 'process'] as const).filter((kind) => written[kind])
  if (kinds.length > 1) {
    fault(
      ['transform'],
      `only one of ${kinds.map((kind) => `"${kind}"`).join(' and ')} may be given`,
    )
  }
  if (written.params !== undefined && written.operator === undefined) {
    fault(['transform', 'params'], '"params" belongs to "operator", which is missing')
  }
  if (written.operator !== undefined) {
    return { kind: 'operator', operator: written.operator, params: written.params ?? {} }
  }
  if (written.process !== undefined) {
    return { kind: 'process', process: processSteps(written.process, fault) }
  }
  const runsImage = written.image !== undefined || written.dockerfile !== undefined
  if (written.cmd === undefined && !runsImage && written.sql === undefined) {
    fault(['transform'], 'give "cmd", "operator" or "process": there is nothing to run')
  }
  if (written.cmd?.length === 0) fault(['transform', 'cmd'], 'must name a program')
  return {
    kind: 'command',
    cmd: written.cmd,
    stdin: written.stdin,
    errCmd: written.err_cmd,
    errStdin: written.err_stdin,
    acceptReturnCode: written.accept_return_code ?? [],
    env: written.env ?? {},
    secrets: (written.secrets ?? []).map(({ name, key, mount_path, env_var }) => {
      return { name, key, mountPath: mount_path, envVar: env_var }
    }),
    image: written.image,
    dockerfile: written.dockerfile,
    user: written.user,
    workingDir: written.working_dir,
    datumBatching: written.datum_batching ?? false,
    network: written.network ?? false,
  }
}

function processSteps(
  written: NonNullable<WrittenTransform['process']>,
  fault: Walked['fault'],
): ProcessStep[] {
  return written.map((step, at) => {
    if (typeof step === 'string') return { operator: step, params: {} }
    const [[operator, params] = ['', null], ...others] = Object.entries(step)
    if (operator === '' || others.length > 0) {
      fault(['transform', 'process', at], 'a step is one operator with its parameters')
    }
    return { operator, params: params ?? {} }
  })
}

function effectiveEgress(
  egress: WrittenPipeline['egress'],
  fault: Walked['fault'],
): string | undefined {
  if (egress === undefined) return undefined
  const url = egress.url ?? egress.object_storage?.url
  if (url === undefined) {
    if (egress.sql_database !== undefined) return undefined
    fault(['egress'], 'give "url": where finished output goes')
    return undefined
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]
  if (scheme !== undefined && scheme !== 'file') {
    fault(['egress', 'url'], `egress to "${scheme}:" is not supported; name a folder`, {
      code: 'NOT_SUPPORTED',
    })
  } else if (!wholePath.test(url)) {
    fault(['egress', 'url'], `"${url}" must be a folder by its whole path: file:///data/out`)
  }
  return url.startsWith('/') ? pathToFileURL(url).href : url
}

const wholePath = /^(file:\/\/(localhost)?)?\//i

function effectiveLimits(limits: WrittenPipeline['resource_limits']): ResourceLimits {
  return { cpu: limits?.cpu, memoryBytes: limits?.memory, diskBytes: limits?.disk }
}

/** JSON merge: objects field by field, anything else replaced. */
export function mergeSpecs(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over ?? base
  const result: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    result[key] = key in result ? mergeSpecs(result[key], value) : value
  }
  return result
}

function isObject(value: unknown): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
