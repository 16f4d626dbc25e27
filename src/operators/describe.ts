import { z } from 'zod'
import type { Operator } from './operator.ts'

/** What `varve operators` prints of one operator; `params` is a JSON Schema (draft 2020-12). */
export interface OperatorDescription {
  readonly name: string
  readonly version: number
  readonly summary: string
  readonly params: Readonly<Record<string, unknown>>
}

/** As a user writes them: a parameter with a default is not required. */
export function describeOperator(operator: Operator): OperatorDescription {
  const { name, version, summary } = operator
  const { $schema: _, ...params } = z.toJSONSchema(operator.params, { io: 'input' })
  return { name, version, summary, params }
}
