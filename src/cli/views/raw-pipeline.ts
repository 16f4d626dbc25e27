import type { Input, PipelineInfo, Transform } from '../../engine/index.ts'

/** `details` of pachctl's pipeline: the spec with its field names in lowerCamelCase. */
export function rawPipelineDetails({ spec, createdAt }: PipelineInfo): unknown {
  return {
    transform: transform(spec.transform),
    parallelismSpec:
      spec.parallelism === undefined ? undefined : { constant: String(spec.parallelism) },
    egress: spec.egressUrl === undefined ? undefined : { URL: spec.egressUrl },
    createdAt: new Date(createdAt).toISOString(),
    outputBranch: spec.outputBranch,
    input: spec.input === undefined ? undefined : input(spec.input),
    description: spec.description,
    datumTimeout: seconds(spec.datumTimeoutMs),
    jobTimeout: seconds(spec.jobTimeoutMs),
    datumTries: String(spec.datumTries),
    reprocessSpec: spec.reprocessSpec,
    autoscaling: spec.autoscaling,
    metadata: spec.metadata,
    ...spec.ignored,
  }
}

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

function input(value: Input): unknown {
  if (value.kind === 'pfs') {
    const { name, project, repo, repoType, branch, glob } = value
    const { joinOn, outerJoin, groupBy, lazy, emptyFiles } = value
    const options = { joinOn, outerJoin, groupBy, lazy, emptyFiles }
    return { pfs: { project, name, repo, repoType, branch, glob, ...options } }
  }
  if (value.kind === 'cron') {
    const { name, project, repo, spec, overwrite } = value
    return { cron: { name, project, repo, spec, overwrite } }
  }
  return { [value.kind]: value.inputs.map(input) }
}

function seconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms / 1000}s`
}
