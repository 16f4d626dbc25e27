import type {
  BatchInfo,
  BatchRequest,
  BranchInfo,
  CommitInfo,
  DatumInfo,
  FileInfo,
  JobInfo,
  LogLine,
  PipelineInfo,
  ProjectInfo,
  RepoInfo,
  SelectedDatum,
} from '../../engine/index.ts'
import { keyParts } from './key.ts'
import { rawJobDetails, rawPipelineDetails } from './raw-pipeline.ts'

/**
 * The JSON pachctl prints with `--raw`: names and casing of its protocol buffers, 64-bit numbers as
 * strings, times as RFC 3339. Scripts pipe this to jq.
 */

export function rawProject(project: ProjectInfo): unknown {
  return {
    project: { name: project.name },
    description: project.description,
    createdAt: time(project.createdAt),
  }
}

export function rawRepo(info: RepoInfo): unknown {
  return {
    repo: repo(info.repo),
    created: time(info.createdAt),
    sizeBytesUpperBound: String(info.size),
    description: info.description,
    branches: info.branches.map((name) => ({ repo: repo(info.repo), name })),
    details: { sizeBytes: String(info.size) },
  }
}

export function rawBranch(info: BranchInfo): unknown {
  const { trigger } = info
  return {
    branch: branch(info.repo, info.branch),
    head: info.head === undefined ? undefined : commit(info.repo, info.head, info.branch),
    directProvenance: info.inputs.map((input) => branch(input.repo, input.branch)),
    trigger:
      trigger === undefined
        ? undefined
        : {
            branch: trigger.branch,
            all: trigger.all ?? false,
            rateLimitSpec: trigger.rateLimit,
            size: trigger.size === undefined ? undefined : String(trigger.size),
            commits: trigger.commits === undefined ? undefined : String(trigger.commits),
            cronSpec: trigger.cron,
          },
  }
}

export function rawCommit(info: CommitInfo): unknown {
  return {
    commit: commit(info.repo, info.id, info.branch),
    origin: { kind: info.origin },
    description: info.message,
    parentCommit:
      info.parent === undefined ? undefined : commit(info.repo, info.parent, info.branch),
    started: time(info.startedAt),
    finishing: time(info.finishedAt),
    finished: time(info.finishedAt),
    directProvenance: info.provenance.map(({ repo, id }) => commit(repo, id)),
    error: info.error,
    sizeBytesUpperBound: String(info.size),
    details: { sizeBytes: String(info.size) },
  }
}

/** `hash` is the item's SHA-256 in base64; directories have none. */
export function rawFile(of: CommitInfo): (info: FileInfo) => unknown {
  const at = commit(of.repo, of.id, of.branch)
  return (info) => ({
    file: { commit: at, path: `/${info.path}${info.kind === 'directory' ? '/' : ''}` },
    fileType: info.kind === 'file' ? 'FILE' : 'DIR',
    sizeBytes: String(info.size),
    hash: info.kind === 'file' ? Buffer.from(info.digest, 'hex').toString('base64') : undefined,
  })
}

export function rawPipeline(info: PipelineInfo): unknown {
  return {
    pipeline: pipeline(info.key),
    version: String(info.version),
    stopped: info.state === 'stopped',
    state: info.state === 'stopped' ? 'PIPELINE_PAUSED' : 'PIPELINE_RUNNING',
    lastJobState: info.lastJob === undefined ? undefined : jobState(info.lastJob),
    type: 'PIPELINE_TYPE_TRANSFORM',
    details: rawPipelineDetails(info),
  }
}

/** With the version of the pipeline it runs, its `details` too. */
export function rawJob(info: JobInfo, version?: PipelineInfo): unknown {
  const { counters } = info
  return {
    job: { pipeline: pipeline(info.pipeline), id: info.id },
    pipelineVersion: String(info.version),
    outputCommit: commit(info.pipeline, info.id),
    dataProcessed: String(counters.processed),
    dataSkipped: String(counters.skipped),
    dataTotal: String(counters.total),
    dataFailed: String(counters.failed),
    dataRecovered: String(counters.recovered),
    state: jobState(info.state),
    reason: info.reason,
    created: time(info.createdAt),
    started: time(info.startedAt),
    finished: time(info.finishedAt),
    details: version === undefined ? undefined : rawJobDetails(info, version),
  }
}

export function rawDatum(info: DatumInfo): unknown {
  return {
    datum: { job: { pipeline: pipeline(info.pipeline), id: info.job }, id: info.id },
    state: info.state.toUpperCase(),
    stats: { processTime: `${info.wallMs / 1000}s` },
    data: rawInputs(info.inputs),
  }
}

export function rawSelected({ pipeline: key, id, inputs }: SelectedDatum): unknown {
  return {
    datum: { job: { pipeline: pipeline(key) }, id },
    state: 'UNKNOWN',
    data: rawInputs(inputs),
  }
}

function rawInputs(inputs: DatumInfo['inputs']): unknown[] {
  return inputs.map((input) => ({
    file: {
      commit: { repo: repo(`${input.project}/${input.repo}`), branch: { name: input.branch } },
      path: `/${input.path}`,
    },
    fileType: input.directory ? 'DIR' : 'FILE',
    sizeBytes: String(input.size),
  }))
}

export function rawTransaction({ id, requests, startedAt }: BatchInfo): unknown {
  const request = ({ kind, ...rest }: BatchRequest): unknown => {
    const [noun = '', verb = ''] = kind.split('.')
    return { [`${verb}${noun.charAt(0).toUpperCase()}${noun.slice(1)}`]: rest }
  }
  return { transaction: { id }, requests: requests.map(request), started: time(startedAt) }
}

/** pachctl's log messages have a time of their own; here a datum's output is kept as one text. */
export function rawLogLine(line: LogLine): unknown {
  const { project, name } = keyParts(line.pipeline)
  return {
    projectName: project,
    pipelineName: name,
    jobId: line.job,
    datumId: line.datum,
    data: line.paths.map((path) => ({ path })),
    user: true,
    message: line.text,
  }
}

export function jobState(state: JobInfo['state']): string {
  return `JOB_${state.toUpperCase()}`
}

function repo(key: string): unknown {
  const { project, name, type } = keyParts(key)
  return { name, type, project: { name: project } }
}

function pipeline(key: string): unknown {
  const { project, name } = keyParts(key)
  return { project: { name: project }, name }
}

function branch(key: string, name: string): unknown {
  return { repo: repo(key), name }
}

function commit(key: string, id: string, branchName?: string): unknown {
  return {
    repo: repo(key),
    id,
    branch: branchName === undefined ? undefined : branch(key, branchName),
  }
}

function time(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}
