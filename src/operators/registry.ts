import { VarveError } from '../model/index.ts'
import { nearest } from '../util/index.ts'
import type { Operator } from './operator.ts'

/** The operators a project may name, as a value: the engine makes one and hands it on. */
export interface OperatorRegistry {
  /** In order of name. */
  readonly operators: readonly Operator[]
  /** Throws `OPERATOR_NOT_FOUND` with the nearest known name. */
  get(name: string): Operator
}

/** A second operator of the same name replaces the first: a project may override a built-in one. */
export function createRegistry(operators: readonly Operator[]): OperatorRegistry {
  const byName = new Map(operators.map((operator) => [operator.name, operator]))
  const names = [...byName.keys()].sort()
  return {
    operators: names.flatMap((name) => byName.get(name) ?? []),
    get(name) {
      const operator = byName.get(name)
      if (operator === undefined) throw notFound(name, names)
      return operator
    },
  }
}

function notFound(name: string, names: readonly string[]): VarveError {
  const near = nearest(name, names)
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`
  return new VarveError('OPERATOR_NOT_FOUND', {
    what: `There is no operator "${name}".${hint}`,
    data: { operator: name, ...(near === undefined ? {} : { nearest: near }), known: names },
  })
}
