import { EMPTY_TREE } from '../model/index.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Executor } from '../executors/index.ts'
import {
  builtInOperators,
  createRegistry,
  defineOperator,
  parseParams,
} from '../operators/index.ts'
import { loadSpecReader, type PipelineSpec } from '../pipelines/index.ts'
import { openTestStore, type TestStore } from '../repos/store.fixture.ts'
import type { Store } from '../repos/index.ts'
import { openSandbox, type Sandbox } from '../sandbox/index.ts'
import { messageOf, systemClock, systemRandom } from '../util/index.ts'
import { z } from 'zod'
import {
  jobsPropagation,
  jobsReducer,
  openJobs,
  type CommandFacts,
  type JobInfo,
  type Jobs,
  type OperatorAnswer,
  type OperatorResult,
  type OperatorTask,
  type RunEvent,
} from './index.ts'

/** Upper-cases text; refuses a file holding "bad"; counts its calls. */
export function upperOperator(calls: { count: number }, version = 1) {
  return defineOperator({
    name: 'upper',
    version,
    summary: 'Writes each text in capitals.',
    params: z.strictObject({ suffix: z.string().default('') }),
    run: async (files, { suffix }) =>
      files.map(({ path, bytes }) => {
        calls.count++
        const text = Buffer.from(bytes).toString()
        if (text.includes('bad')) throw new Error(`${path} is bad`)
        return { path: path + suffix, bytes: Buffer.from(text.toUpperCase()) }
      }),
  })
}

export interface TestJobs {
  readonly store: Store
  readonly jobs: Jobs
  /** Calls of the `upper` operator so far. */
  readonly calls: { count: number }
  /** Where the commands of a job have their folders. */
  readonly scratch: string
  /** Runs until idle; answers the jobs that ended, in order. */
  run(signal?: AbortSignal): Promise<JobInfo[]>
  put(repo: string, files: Readonly<Record<string, string>>): Promise<void>
  create(spec: object): Promise<void>
  update(spec: object, options?: { reprocess?: boolean }): Promise<void>
  /** Output files and their text. */
  output(repo: string): Promise<Record<string, string>>
  reopen(options?: { withoutCatalog?: boolean; operatorVersion?: number }): Promise<TestJobs>
  close(): Promise<void>
}

export async function openTestJobs(commands: CommandFacts = {}): Promise<TestJobs> {
  const folder = mkdtempSync(join(tmpdir(), 'varve-jobs-'))
  const sandbox = await openSandbox({
    mode: 'plain',
    scratch: join(folder, 'sandbox'),
    clock: systemClock,
    random: systemRandom,
  })
  const test = await openTestStore({
    clock: systemClock,
    reducers: [jobsReducer],
    propagation: jobsPropagation,
  })
  return testJobs({ test, sandbox, folder, commands, operatorVersion: 1 })
}

interface Parts {
  readonly test: TestStore
  readonly sandbox: Sandbox
  readonly folder: string
  readonly commands: CommandFacts
  readonly operatorVersion: number
}

function testJobs({ test, sandbox, folder, commands, operatorVersion }: Parts): TestJobs {
  const scratch = join(folder, 'scratch')
  const { store } = test
  const calls = { count: 0 }
  const registry = createRegistry([...builtInOperators, upperOperator(calls, operatorVersion)])
  const jobs = openJobs({
    store,
    emptyTree: EMPTY_TREE,
    machine: {
      operators: inlineExecutor(registry),
      sandbox,
      scratch,
      cores: 2,
      commands,
    },
    facts: { operatorVersion: (name) => registry.get(name).version },
    clock: systemClock,
    random: systemRandom,
  })
  return {
    store,
    jobs,
    calls,
    scratch,
    run: (signal) => ended(jobs.run(signal === undefined ? {} : { signal })),
    put: async (repo, files) => {
      const sources = Object.entries(files).map(([path, text]) => ({
        kind: 'bytes' as const,
        path,
        bytes: Buffer.from(text),
      }))
      await store.files.put(`${repo}@master`, sources)
    },
    create: async (spec) => void (await jobs.pipelines.create(await readSpec(spec))),
    update: async (spec, options) =>
      void (await jobs.pipelines.update(await readSpec(spec), options)),
    output: async (repo) => {
      const files: Record<string, string> = {}
      for await (const { path } of store.files.walk(`${repo}@master`)) {
        files[path] = Buffer.from(await store.files.read(`${repo}@master`, path)).toString()
      }
      return files
    },
    reopen: async (options = {}) =>
      testJobs({
        test: await test.reopen({ withoutCatalog: options.withoutCatalog ?? false }),
        sandbox,
        folder,
        commands,
        operatorVersion: options.operatorVersion ?? operatorVersion,
      }),
    close: async () => {
      await test.close()
      await sandbox.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Runs operators in this thread: what the pool does, without the threads. */
export function inlineExecutor(
  registry: ReturnType<typeof createRegistry>,
): Executor<OperatorTask, OperatorResult> {
  const runDatum = async (
    steps: OperatorTask['steps'],
    files: OperatorTask['datums'][number],
  ): Promise<OperatorAnswer> => {
    let current = files
    for (const { operator: name, params } of steps) {
      const operator = registry.get(name)
      try {
        const outputs = await operator.run(current, parseParams(operator, params))
        current = outputs.map(({ path, bytes }) => ({ input: 'out', path, bytes }))
      } catch (error) {
        return { kind: 'failed', message: messageOf(error) }
      }
    }
    return { kind: 'done', outputs: current.map(({ path, bytes }) => ({ path, bytes })) }
  }
  return {
    slots: 2,
    run: async (tasks, signal) => {
      const outcomes = []
      for (const { steps, datums } of tasks) {
        const result: OperatorAnswer[] = []
        for (const files of datums) {
          if (signal?.aborted === true) break
          result.push(await runDatum(steps, files))
        }
        outcomes.push(
          signal?.aborted === true
            ? { kind: 'aborted' as const }
            : { kind: 'done' as const, result },
        )
      }
      return outcomes
    },
    close: async () => undefined,
  }
}

export async function readSpec(spec: object): Promise<PipelineSpec> {
  const { readPipelines } = await loadSpecReader()
  const { specs, faults } = readPipelines({ file: 'test.json', text: JSON.stringify(spec) })
  const [first] = specs
  if (first === undefined) throw new Error(JSON.stringify(faults))
  return first
}

export async function ended(events: AsyncIterable<RunEvent>): Promise<JobInfo[]> {
  const jobs: JobInfo[] = []
  for await (const event of events) if (event.type === 'job.finished') jobs.push(event.job)
  return jobs
}

/** A pipeline that runs `upper` on each top-level file of a repo. */
export function upperSpec(name: string, repo: string, more: object = {}) {
  return {
    pipeline: { name },
    transform: { operator: 'upper' },
    input: { pfs: { repo, glob: '/*' } },
    ...more,
  }
}

/** A pipeline that runs shell lines on each top-level file of a repo. */
export function shellSpec(name: string, repo: string, lines: string[], more: object = {}) {
  return {
    pipeline: { name },
    transform: { cmd: ['sh'], stdin: lines },
    input: { pfs: { repo, glob: '/*' } },
    ...more,
  }
}
