import { EMPTY_TREE } from '../../src/model/index.ts'
import { z } from 'zod'
import type { Executor } from '../../src/executors/index.ts'
import {
  openJobs,
  type Jobs,
  type OperatorResult,
  type OperatorTask,
} from '../../src/jobs/index.ts'
import { createRegistry, defineOperator, parseParams } from '../../src/operators/index.ts'
import { loadSpecReader, type PipelineSpec } from '../../src/pipelines/index.ts'
import type { Store } from '../../src/repos/index.ts'
import type { Sandbox } from '../../src/sandbox/index.ts'
import { seededRandom, steppingClock } from './seeded.fixture.ts'

export interface OperatorRuns {
  count: number
  /** How long each call takes, so that results are made durable in several batches. */
  delayMs: number
}

/** Upper-cases a text; counts its calls. */
function upper(runs: OperatorRuns) {
  return defineOperator({
    name: 'upper',
    version: 1,
    summary: 'Writes each text in capitals.',
    params: z.strictObject({}),
    run: async (files) => {
      runs.count++
      if (runs.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, runs.delayMs))
      return files.map(({ path, bytes }) => ({
        path,
        bytes: Buffer.from(Buffer.from(bytes).toString().toUpperCase()),
      }))
    },
  })
}

/** Operators in this thread, one datum after another. */
function inlineExecutor(runs: OperatorRuns): Executor<OperatorTask, OperatorResult> {
  const registry = createRegistry([upper(runs)])
  const runTask = async ({ steps, datums }: OperatorTask) => {
    const result = []
    for (const datum of datums) {
      let files = datum
      for (const { operator: name, params } of steps) {
        const operator = registry.get(name)
        const outputs = await operator.run(files, parseParams(operator, params))
        files = outputs.map(({ path, bytes }) => ({ input: 'out', path, bytes }))
      }
      const outputs = files.map(({ path, bytes }) => ({ path, bytes }))
      result.push({ kind: 'done' as const, outputs })
    }
    return { kind: 'done' as const, result }
  }
  return {
    slots: 1,
    run: async (tasks) => {
      const outcomes = []
      for (const task of tasks) outcomes.push(await runTask(task))
      return outcomes
    },
    close: async () => undefined,
  }
}

/** Commands do not run here: what they do to the store is what operators do. */
const noSandbox = { warnings: [], close: async () => undefined } as unknown as Sandbox

export function jobsOver(store: Store, runs: OperatorRuns): Jobs {
  return openJobs({
    store,
    emptyTree: EMPTY_TREE,
    machine: {
      operators: inlineExecutor(runs),
      sandbox: noSandbox,
      scratch: '/nowhere',
      cores: 1,
      commands: {},
    },
    facts: { operatorVersion: () => 1 },
    clock: steppingClock(),
    random: seededRandom('jobs'),
  })
}

export async function runAll(jobs: Jobs): Promise<void> {
  for await (const _ of jobs.run());
}

export async function upperSpec(name: string, repo: string): Promise<PipelineSpec> {
  const { readPipelines } = await loadSpecReader()
  const spec = {
    pipeline: { name },
    transform: { operator: 'upper' },
    input: { pfs: { repo, glob: '/*' } },
    datum_set_spec: { number: 1 },
  }
  const { specs, faults } = readPipelines({ file: 'test.json', text: JSON.stringify(spec) })
  const [first] = specs
  if (first === undefined) throw new Error(JSON.stringify(faults))
  return first
}
