/**
 * Question: what does a datum of an operator cost beside the operator? 20,000 datums of 4 KiB, end to
 * end: a cold `varve run` that plans, runs and commits. Yardstick: the same operator called in a bare
 * loop over the same bytes on as many threads as the run has. To reach: 0.3 ms a datum on top.
 */
import { cpSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { builtInOperators, createRegistry, parseParams } from '../src/operators/index.ts'
import { inScratch, randomBytes } from './dataset.ts'
import { inTurns, machine, measure, report, scaled } from './harness.ts'
import { makeProject, numbered, putFiles, varve } from './project.ts'

const count = scaled(20_000)
const bytes = 4096
const threads = availableParallelism()

if (isMainThread) await inScratch(compare)
else await bareLoop(workerData as number)

async function bareLoop(datums: number): Promise<void> {
  const operator = createRegistry(builtInOperators).get('copy')
  const params = parseParams(operator, {})
  const content = randomBytes(datums * bytes, 'operator datums')
  for (let at = 0; at < datums; at += 1) {
    const own = content.subarray(at * bytes, (at + 1) * bytes)
    await operator.run([{ input: 'in', path: String(at), bytes: own }], params)
  }
}

async function compare(scratch: string): Promise<void> {
  const fresh = join(scratch, 'fresh')
  const project = join(scratch, 'project')
  const input = { pfs: { repo: 'in', glob: '/*' } }
  const pipelines = [{ pipeline: { name: 'copies' }, input, transform: { operator: 'copy' } }]
  await makeProject(fresh, { repos: ['in'], pipelines })
  const content = randomBytes(count * bytes, 'operator datums')
  await putFiles(
    fresh,
    'in',
    numbered(count).map((path, at) => [path, content.subarray(at * bytes, (at + 1) * bytes)]),
  )
  const found = await inTurns([
    {
      name: `varve run, ${count} datums`,
      before: () => {
        rmSync(project, { recursive: true, force: true })
        cpSync(fresh, project, { recursive: true })
      },
      run: () => varve(project, ['run']),
    },
    { name: `bare loop on ${threads} threads`, run: () => measure(loopOnThreads) },
  ])
  const [run = Number.NaN, loop = Number.NaN] = [...found.values()].map((it) => it.wallSeconds)
  const each = ((run - loop) / count) * 1000
  report({
    question: `Datums of an operator (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: [{ goal: 'overhead <= 0.3 ms', reached: `${each.toFixed(3)} ms`, met: each <= 0.3 }],
  })
}

async function loopOnThreads(): Promise<void> {
  const share = Math.ceil(count / threads)
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL(import.meta.url), { workerData: share }),
  )
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))))
}
