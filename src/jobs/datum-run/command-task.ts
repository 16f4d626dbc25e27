import { join } from 'node:path/posix'
import { VarveError } from '../../model/index.ts'
import type { CommandTransform, PipelineSpec } from '../../pipelines/index.ts'
import type { CommandLimits, ExtraMount, SessionTask } from '../../sandbox/index.ts'
import type { JobInfo } from '../types.ts'
import { jobEnv } from './datum-env.ts'

/** What an image name of a spec means on this machine. */
export interface ImageFacts {
  /** Used where the spec names no `cmd`. */
  readonly cmd?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly workingDir?: string
  readonly mounts?: readonly ExtraMount[]
}

/** What commands need besides their spec; the engine answers from the project's settings. */
export interface CommandFacts {
  image?(name: string): ImageFacts | undefined
  /** Value of a secret; undefined when there is none of that name. */
  secret?(name: string, key: string | undefined): string | undefined
  /** Keys of a secret; none when there is no such secret. */
  secretKeys?(name: string): readonly string[]
  /** Shown to every command, for example the program behind `pachctl next datum`. */
  readonly mounts?: readonly ExtraMount[]
}

interface CommandOf {
  readonly transform: CommandTransform
  readonly spec: PipelineSpec
  readonly job: JobInfo
  readonly facts: CommandFacts
  /** Mounts of this job alone: its secrets. */
  readonly mounts: readonly ExtraMount[]
}

/** The command of a pipeline without anything of a datum. `MISSING_PROGRAM` when there is none. */
export function commandTask({ transform, spec, job, facts, mounts }: CommandOf): SessionTask {
  const image = transform.image === undefined ? undefined : facts.image?.(transform.image)
  const workingDir = transform.workingDir ?? image?.workingDir
  const env = {
    ...image?.env,
    ...transform.env,
    ...secretEnv(transform, facts),
    ...jobEnv({ job, pipeline: spec, version: job.version }),
  }
  return {
    argv: argvOf(transform.cmd ?? image?.cmd, spec),
    env,
    limits: limitsOf(spec),
    network: transform.network,
    acceptReturnCodes: transform.acceptReturnCode,
    ...(transform.stdin === undefined ? {} : { stdin: transform.stdin }),
    ...(workingDir === undefined ? {} : { workingDir }),
    ...(transform.user === undefined ? {} : { user: transform.user }),
    extraMounts: apart([...(facts.mounts ?? []), ...(image?.mounts ?? []), ...mounts], spec),
  }
}

function argvOf(cmd: readonly string[] | undefined, { name }: PipelineSpec): SessionTask['argv'] {
  const [program, ...args] = cmd ?? []
  if (program !== undefined) return [program, ...args]
  throw new VarveError('MISSING_PROGRAM', {
    what: `Pipeline "${name}" names no cmd, and its image is not mapped to one.`,
    next: 'Give transform.cmd in the spec, or map the image under `images:` in varve.yaml.',
    data: { pipeline: name },
  })
}

/** A mount inside another would have to be made in a folder of the user's: `SPEC_INVALID`. */
function apart(mounts: readonly ExtraMount[], { name }: PipelineSpec): readonly ExtraMount[] {
  const sorted = mounts.map(({ path }) => path.replace(/\/$/, '')).sort()
  for (const path of sorted) {
    const inside = sorted.find((other) => other.startsWith(`${path}/`))
    const twice = sorted.indexOf(path) !== sorted.lastIndexOf(path)
    if (inside === undefined && !twice) continue
    throw new VarveError('SPEC_INVALID', {
      what: twice
        ? `Pipeline "${name}" shows two things at ${path}.`
        : `Pipeline "${name}" shows ${inside ?? ''} inside ${path}, which is shown as a whole.`,
      next: 'Choose another path for one of them, in the secrets of the spec or under `images:`.',
      data: { pipeline: name, path, inside },
    })
  }
  return mounts
}

function limitsOf({ datumTimeoutMs, resourceLimits }: PipelineSpec): CommandLimits {
  const { memoryBytes, diskBytes } = resourceLimits
  return {
    ...(datumTimeoutMs === undefined ? {} : { wallMs: datumTimeoutMs }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(diskBytes === undefined ? {} : { outputBytes: diskBytes }),
  }
}

function secretEnv(
  { secrets }: CommandTransform,
  facts: CommandFacts,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    secrets.flatMap((secret) =>
      secret.envVar === undefined ? [] : [[secret.envVar, valueOf(secret, facts)]],
    ),
  )
}

/**
 * Secrets that a command reads from files: where each file goes and what is in it. Every key is one
 * file below the path, as Kubernetes mounts a secret.
 */
export function secretFiles(
  { secrets }: CommandTransform,
  facts: CommandFacts,
): { readonly path: string; readonly value: string }[] {
  return secrets.flatMap((secret) => {
    const { name, key, mountPath } = secret
    if (mountPath === undefined) return []
    const keys = new Set(facts.secretKeys?.(name) ?? [])
    if (key !== undefined) keys.add(key)
    if (keys.size === 0) throw missing(secret, facts)
    return [...keys].map((file) => ({
      path: join(mountPath, file),
      value: valueOf({ ...secret, key: file }, facts),
    }))
  })
}

type Secret = CommandTransform['secrets'][number]

function valueOf(secret: Secret, facts: CommandFacts): string {
  const value = facts.secret?.(secret.name, secret.key)
  if (value !== undefined) return value
  throw missing(secret, facts)
}

function missing({ name, key }: Secret, facts: CommandFacts): VarveError {
  const isThere = (facts.secretKeys?.(name) ?? []).length > 0
  const content = { metadata: { name }, stringData: { [key ?? 'KEY']: 'VALUE' } }
  return new VarveError('SECRET_NOT_FOUND', {
    what: isThere
      ? `The secret "${name}" has no key "${key ?? ''}".`
      : `There is no secret "${name}", which the pipeline asks for.`,
    next: `Run \`echo '${JSON.stringify(content)}' | varve create secret -f -\`${isThere ? ', with its other keys,' : ''} and then \`varve rerun pipeline\`.`,
    data: { secret: name, key },
  })
}
