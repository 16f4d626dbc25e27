import type { Operator, OperatorFile } from './operator.ts'
import { parseParams } from './params.ts'

/** Runs an operator as a pipeline does; the outputs come back as text by path. */
export async function runOperator(
  operator: Operator,
  files: readonly OperatorFile[],
  params?: unknown,
): Promise<Record<string, string>> {
  const outputs = await operator.run(files, parseParams(operator, params))
  return Object.fromEntries(
    outputs.map(({ path, bytes }) => [path, Buffer.from(bytes).toString('utf8')]),
  )
}

export function textFile(input: string, path: string, text: string): OperatorFile {
  return { input, path, bytes: Buffer.from(text) }
}
