import type { Input, JobInfo, PipelineInfo, PipelineSpec, Transform } from '../../engine/index.ts'

/** `details` of pachctl's pipeline: the spec with its field names in lowerCamelCase. */
export function rawPipelineDetails({ spec, createdAt }: PipelineInfo): unknown {
  return { createdAt: new Date(createdAt).toISOString(), ...declared(spec) }
}

/** What pachctl prints of a spec that would be created, with the defaults filled in. */
export function rawSpec(spec: PipelineSpec): unknown {
  return { pipeline: { project: { name: spec.project }, name: spec.name }, ...declared(spec) }
}

function declared(spec: PipelineSpec): object {
  return {
    ...common(spec),
    input: input(spec.input, noCommit),
    description: spec.description,
    reprocessSpec: spec.reprocessSpec,
    autoscaling: spec.autoscaling,
    metadata: spec.metadata,
    ...spec.ignored,
  }
}

/** `details` of pachctl's job: the spec it runs, and in its inputs the commits it reads. */
export function rawJobDetails(job: JobInfo, { spec }: PipelineInfo): unknown {
  const commitOf: CommitOf = (leaf) => job.inputs.find(({ input: name }) => name === leaf.name)?.id
  return { ...common(spec), input: input(spec.input, commitOf) }
}

function common(spec: PipelineSpec): object {
  return {
    transform: transform(spec.transform),
    parallelismSpec:
      spec.parallelism === undefined ? undefined : { constant: String(spec.parallelism) },
    egress: spec.egressUrl === undefined ? undefined : { URL: spec.egressUrl },
    outputBranch: spec.outputBranch,
    datumTimeout: seconds(spec.datumTimeoutMs),
    jobTimeout: seconds(spec.jobTimeoutMs),
    datumTries: String(spec.datumTries),
  }
}

/** The commit a leaf reads, where one is meant. */
type CommitOf = (leaf: { readonly name: string }) => string | undefined
const noCommit: CommitOf = () => undefined

function transform(value: Transform): unknown {
  if (value.kind !== 'command') {
    const { kind: _, ...rest } = value
    return rest
  }
  return {
    image: value.image,
    cmd: value.cmd,
    stdin: value.stdin,
    errCmd: value.errCmd,
    errStdin: value.errStdin,
    env: value.env,
    acceptReturnCode: value.acceptReturnCode,
    workingDir: value.workingDir,
    user: value.user,
    datumBatching: value.datumBatching,
    secrets: value.secrets,
  }
}

function input(value: Input, commitOf: CommitOf): unknown {
  if (value.kind === 'pfs') {
    const { name, project, repo, repoType, branch, glob } = value
    const { joinOn, outerJoin, groupBy, lazy, emptyFiles } = value
    const options = { joinOn, outerJoin, groupBy, lazy, emptyFiles }
    const commit = commitOf(value)
    return { pfs: { project, name, repo, repoType, branch, commit, glob, ...options } }
  }
  if (value.kind === 'cron') {
    const { name, project, repo, spec, overwrite } = value
    return { cron: { name, project, repo, commit: commitOf(value), spec, overwrite } }
  }
  return { [value.kind]: value.inputs.map((each) => input(each, commitOf)) }
}

function seconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms / 1000}s`
}
