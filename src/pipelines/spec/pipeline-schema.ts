import { z } from 'zod'
import { mountPath } from './mount-path.ts'
import { count, cpu, duration, flag, ignored, size, text, textMap, unsupported } from './scalars.ts'

/*
 * The pipeline spec as it is written, in snake_case. Field names and meaning are Pachyderm's; our own
 * additions are `transform.operator`, `.params`, `.process`, `.sql`, `.network`, `cache` and `on_failure`.
 */

const cluster = 'it means something only on a cluster'
const older = 'it belongs to an older version of the spec'
const flags = 'it is given on the command line'

const trigger = z.object({
  branch: z.string(),
  all: flag.optional(),
  size: size.optional(),
  commits: count(1).optional(),
  rate_limit_spec: z.string().optional(),
  cron_spec: z.string().optional(),
})

export const pfsSchema = z.object({
  project: z.string().optional(),
  name: z.string().optional(),
  repo: z.string(),
  repo_type: z.enum(['user', 'meta', 'spec']).optional(),
  branch: z.string().optional(),
  commit: unsupported('the commit of an input follows its branch; use `branch`'),
  glob: z.string(),
  join_on: z.string().optional(),
  outer_join: flag.optional(),
  group_by: z.string().optional(),
  lazy: flag.optional(),
  empty_files: flag.optional(),
  s3: unsupported('inputs through an S3 gateway; read files under /pfs instead'),
  trigger: trigger.optional(),
  propagation_spec: z.object({ never: flag.optional() }).optional(),
  reference: flag.optional(),
})

const cronSchema = z.object({
  name: z.string(),
  project: z.string().optional(),
  repo: z.string().optional(),
  spec: z.string(),
  overwrite: flag.optional(),
  start: z
    .union([z.iso.datetime({ offset: true }), z.iso.date()], {
      error: 'must be a time such as "2026-01-31T00:00:00Z"',
    })
    .optional(),
  commit: unsupported('the commit of an input follows its branch'),
})

export const inputSchema = z
  .object({
    pfs: pfsSchema.optional(),
    cron: cronSchema.optional(),
    get cross() {
      return z.array(inputSchema).min(1).optional()
    },
    get union() {
      return z.array(inputSchema).min(1).optional()
    },
    get join() {
      return z.array(inputSchema).min(1).optional()
    },
    get group() {
      return z.array(inputSchema).min(1).optional()
    },
    git: unsupported('git inputs; put the files into a repo'),
  })
  .meta({ id: 'input' })

const secret = z.object({
  name: z.string(),
  key: z.string().optional(),
  mount_path: mountPath.optional(),
  env_var: z.string().optional(),
})

const params = z.record(z.string(), z.json())
const operatorStep = z.union([z.string(), z.record(z.string(), z.union([params, z.null()]))], {
  error: 'must be the name of an operator, or one name with its parameters',
})

const transformSchema = z.object({
  cmd: z.array(text).optional(),
  stdin: z.array(text).optional(),
  err_cmd: z.array(text).optional(),
  err_stdin: z.array(text).optional(),
  accept_return_code: z.array(count()).optional(),
  env: textMap.optional(),
  secrets: z.array(secret).optional(),
  image: z.string().optional(),
  dockerfile: z.string().optional(),
  user: z.string().optional(),
  working_dir: z.string().optional(),
  datum_batching: flag.optional(),
  network: flag.optional(),
  operator: z.string().optional(),
  params: params.optional(),
  process: z.array(operatorStep).min(1).optional(),
  sql: unsupported('transforms in SQL; use `cmd` or `operator`'),
  memory_volume: ignored(cluster),
  debug: ignored(cluster),
  image_pull_secrets: ignored(cluster),
  build: ignored(older),
})

const egressSchema = z.object({
  url: z.string().optional().meta({ varveAlias: 'URL' }),
  object_storage: z.object({ url: z.string() }).optional(),
  sql_database: unsupported('egress into a database; use `url` with a folder'),
})

const resources = z.object({
  cpu: cpu.optional(),
  memory: size.optional(),
  disk: size.optional(),
  gpu: ignored(cluster),
})

const clusterFields = Object.fromEntries(
  [
    'resource_requests',
    'sidecar_resource_requests',
    'sidecar_resource_limits',
    'scheduling_spec',
    'tolerations',
    'pod_spec',
    'pod_patch',
    'determined',
    'maximum_expected_uptime',
  ].map((name) => [name, ignored(cluster)]),
)
const olderFields = Object.fromEntries(
  [
    'enable_stats',
    'standby',
    'chunk_spec',
    'cache_size',
    'max_queue_size',
    'scale_down_threshold',
    'hashtree_spec',
    'batch',
    'incremental',
    'inputs',
    'gc_policy',
    'no_skip',
  ].map((name) => [name, ignored(older)]),
)
const requestFields = Object.fromEntries(
  ['update', 'reprocess', 'dry_run', 'spec_commit', 'salt', 'version'].map((name) => [
    name,
    ignored(flags),
  ]),
)

export const pipelineSchema = z.object({
  pipeline: z.object({
    name: z.string(),
    project: z
      .union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])
      .optional(),
    description: ignored('it belongs beside `pipeline`, not inside'),
  }),
  description: z.string().optional(),
  metadata: z.object({ annotations: textMap.optional(), labels: textMap.optional() }).optional(),
  transform: transformSchema,
  input: inputSchema,
  parallelism_spec: z
    .object({ constant: count(1).optional(), coefficient: ignored(older) })
    .optional(),
  autoscaling: flag.optional(),
  output_branch: z.string().optional(),
  egress: egressSchema.optional(),
  datum_set_spec: z
    .object({
      number: count().optional(),
      size_bytes: size.optional(),
      per_worker: count().optional(),
    })
    .optional(),
  datum_timeout: duration.optional(),
  job_timeout: duration.optional(),
  datum_tries: count(1).optional(),
  reprocess_spec: z.enum(['until_success', 'every_job']).optional(),
  on_failure: z.enum(['fail', 'continue']).optional(),
  cache: flag.optional(),
  resource_limits: resources.optional(),
  s3_out: unsupported('output through an S3 gateway; write to /pfs/out'),
  service: unsupported('services; run the program outside and read the output repo'),
  spout: unsupported('spouts; write to a repo from outside with `put file`'),
  tf_job: unsupported('TensorFlow jobs'),
  ...clusterFields,
  ...olderFields,
  ...requestFields,
})

/** What the schema makes of a spec, still in snake_case. */
export type WrittenPipeline = z.output<typeof pipelineSchema>
export type WrittenInput = z.output<typeof inputSchema>
