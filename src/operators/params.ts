import type { z } from 'zod'
import { VarveError } from '../model/index.ts'
import { nearest } from '../util/index.ts'
import type { Operator } from './operator.ts'

/** One fault of the parameters; `path` is like `sheet.limit`, empty for the parameters as a whole. */
export interface ParamsFault {
  readonly path: string
  readonly message: string
}

/**
 * Checks parameters as written in a spec and fills in defaults. No parameters (undefined or null)
 * means all defaults. Throws `PARAMS_INVALID` that lists every fault at once, in `data.faults` too.
 */
export function parseParams(operator: Operator, raw: unknown): unknown {
  const parsed = operator.params.safeParse(raw ?? {})
  if (parsed.success) return parsed.data
  const known = paramNames(operator)
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, known))
  const lines = faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  throw new VarveError('PARAMS_INVALID', {
    what: `The parameters of operator "${operator.name}" have faults: ${lines.join('; ')}.`,
    data: { operator: operator.name, faults },
  })
}

/** Names of the parameters, in order of declaration. */
export function paramNames(operator: Operator): readonly string[] {
  const schema = operator.params as { readonly shape?: Readonly<Record<string, unknown>> }
  return Object.keys(schema.shape ?? {})
}

function faultsOf(issue: z.core.$ZodIssue, known: readonly string[]): ParamsFault[] {
  if (issue.code !== 'unrecognized_keys') {
    return [{ path: issue.path.map(String).join('.'), message: lowerFirst(issue.message) }]
  }
  return issue.keys.map((key) => {
    const near = nearest(key, known)
    const hint = near === undefined ? knownNames(known) : `did you mean "${near}"?`
    return { path: [...issue.path, key].map(String).join('.'), message: `unknown, ${hint}` }
  })
}

function knownNames(known: readonly string[]): string {
  return known.length === 0 ? 'this operator takes none' : `known are ${known.join(', ')}`
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}
