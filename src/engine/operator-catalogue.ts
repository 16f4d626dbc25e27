import type { OperatorDescription } from '../operators/index.ts'

/** What `varve operators` lists; with a name only that one, `OPERATOR_NOT_FOUND`. */
export async function operatorCatalogue(name?: string): Promise<readonly OperatorDescription[]> {
  const { builtInOperators, createRegistry, describeOperator } =
    await import('../operators/index.ts')
  const registry = createRegistry(builtInOperators)
  const wanted = name === undefined ? registry.operators : [registry.get(name)]
  return wanted.map(describeOperator)
}
