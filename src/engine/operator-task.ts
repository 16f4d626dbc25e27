import type {
  OperatorAnswer,
  OperatorResult,
  OperatorTask,
  OperatorTaskFile,
} from '../jobs/index.ts'
import { builtInOperators, createRegistry, parseParams } from '../operators/index.ts'
import { messageOf } from '../util/index.ts'

/** The module each worker thread loads: runs operators on the datums of one task. */
const registry = createRegistry(builtInOperators)

export async function run(task: OperatorTask): Promise<OperatorResult> {
  const steps = task.steps.map(({ operator, params }) => {
    const known = registry.get(operator)
    return { operator: known, params: parseParams(known, params) }
  })
  const answers: OperatorAnswer[] = []
  for (const files of task.datums) answers.push(await runDatum(steps, files))
  return answers
}

type Step = {
  readonly operator: ReturnType<typeof registry.get>
  readonly params: unknown
}

/** What one step writes the next one reads, under the input name `out`. */
async function runDatum(
  steps: readonly Step[],
  files: readonly OperatorTaskFile[],
): Promise<OperatorAnswer> {
  try {
    let current = files
    for (const { operator, params } of steps) {
      const outputs = await operator.run(current, params)
      current = outputs.map(({ path, bytes }) => ({ input: 'out', path, bytes }))
    }
    return { kind: 'done', outputs: current.map(({ path, bytes }) => ({ path, bytes })) }
  } catch (error) {
    return { kind: 'failed', message: messageOf(error) }
  }
}
