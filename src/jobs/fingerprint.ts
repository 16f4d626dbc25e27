import { digestOf } from '../model/index.ts'
import { inputShape, type PipelineSpec } from '../pipelines/index.ts'
import { unreachable } from '../util/index.ts'
import type { CodeRecord } from './types.ts'

/** What the code of a pipeline is besides its spec; the engine answers from images and operators. */
export interface CodeFacts {
  /** Throws `OPERATOR_NOT_FOUND`. */
  operatorVersion(name: string): number
  /** Digest of what an image maps to on this machine; undefined when it maps to nothing. */
  imageDigest?(image: string): string | undefined
}

/**
 * Everything that decides what a datum's result is, besides its inputs. Each part is there because
 * changing it may change the bytes written; what only changes how long a run takes (tries, limits,
 * parallelism) is not.
 */
export function codeOf(spec: PipelineSpec, salt: string, facts: CodeFacts): CodeRecord {
  const values: Record<string, unknown> = { ...transformParts(spec, facts) }
  // A user's word that equal code is not equal any more: `update pipeline --reprocess`.
  if (salt !== '') values['salt'] = salt
  const parts: Record<string, string> = {}
  for (const [field, value] of Object.entries(values)) {
    if (value !== undefined) parts[field] = digestOf(canonicalJson(value)).slice(0, 16)
  }
  return {
    fingerprint: digestOf(canonicalJson(parts)),
    parts,
    input: inputShape(spec.input),
  }
}

/** Fields whose value differs between two runs, in order of name. */
export function changedParts(before: CodeRecord, after: CodeRecord): string[] {
  const fields = new Set([...Object.keys(before.parts), ...Object.keys(after.parts)])
  return [...fields].filter((field) => before.parts[field] !== after.parts[field]).sort()
}

function transformParts(spec: PipelineSpec, facts: CodeFacts): Record<string, unknown> {
  const { transform } = spec
  switch (transform.kind) {
    case 'operator':
      return {
        operator: [transform.operator, facts.operatorVersion(transform.operator)],
        params: transform.params,
      }
    case 'process':
      return {
        process: transform.process.map((step) => [
          step.operator,
          facts.operatorVersion(step.operator),
          step.params,
        ]),
      }
    case 'command': {
      const { cmd, stdin, env, image, dockerfile, user, workingDir, secrets } = transform
      return {
        cmd,
        stdin,
        env: Object.keys(env).length === 0 ? undefined : env,
        image: image === undefined ? undefined : [image, facts.imageDigest?.(image) ?? ''],
        dockerfile,
        user,
        working_dir: workingDir,
        // What the network answers may be written: without it the same command may write less.
        network: transform.network ? true : undefined,
        // Names only: a rotated password does not change results, and must not be guessable.
        secrets: secrets.length === 0 ? undefined : secrets,
        accept_return_code:
          transform.acceptReturnCode.length === 0 ? undefined : transform.acceptReturnCode,
      }
    }
    default:
      return unreachable(transform)
  }
}

/** JSON with the keys of every object in order, so that equal values are equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
