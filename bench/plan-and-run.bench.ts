/**
 * Question: what does one changed file cost a pipeline as its input grows? Plan and run of one datum
 * through the library, store open and warm, everything made durable; a glob over one repo, and a join
 * of two. Yardstick: the same at 1,000 files. To reach: at most twice from 1,000 to 200,000 files,
 * and a plan at 200,000 within 50 ms.
 */
import { join } from 'node:path'
import { openVarve, type Varve } from '../src/engine/index.ts'
import { inScratch } from './dataset.ts'
import {
  inTurns,
  machine,
  measure,
  median,
  report,
  scaled,
  smoke,
  type Contender,
  type Measurement,
} from './harness.ts'
import { makeProject, numbered, putFiles } from './project.ts'

const sizes = [1000, 10_000, 200_000].map(scaled)
const shapes = ['pfs', 'join'] as const
const turns = smoke ? 2 : 10

type Shape = (typeof shapes)[number]
type Part = 'plan' | 'run'

/** Paths of `side` begin with a folder, so that the operator can copy both files of a pair. */
const folderOf = { in: '', side: 's/' }
const joined = (repo: keyof typeof folderOf) => ({
  pfs: { repo, glob: `/${folderOf[repo]}(*)`, join_on: '$1' },
})
const inputs = {
  pfs: { pfs: { repo: 'in', glob: '/*' } },
  join: { join: [joined('in'), joined('side')] },
}

await inScratch(async (scratch) => {
  const opened: Varve[] = []
  const contenders: Contender[] = []
  for (const shape of shapes) {
    for (const size of sizes) {
      const varve = await computed(join(scratch, `${shape}-${size}`), shape, size)
      opened.push(varve)
      contenders.push(...parts(varve, shape, size))
    }
  }
  const found = await inTurns(contenders)
  for (const varve of opened) await varve.close()
  const wall = (part: Part, shape: Shape, size: number | undefined): number =>
    found.get(nameOf(part, shape, size ?? 0))?.wallSeconds ?? Number.NaN
  const [small, large] = [sizes[0], sizes.at(-1)]
  report({
    question: `Plan and run of one changed file (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: shapes.flatMap((shape) => {
      const plan = wall('plan', shape, large)
      const growth =
        (wall('run', shape, large) + plan) /
        (wall('run', shape, small) + wall('plan', shape, small))
      return [
        { goal: `${shape}: growth <= 2`, reached: growth.toFixed(2), met: growth <= 2 },
        {
          goal: `${shape}: plan at ${large} <= 50 ms`,
          reached: `${(plan * 1000).toFixed(1)} ms`,
          met: plan <= 0.05,
        },
      ]
    }),
  })
})

function nameOf(part: Part, shape: Shape, size: number): string {
  return `${part}, ${shape} over ${size} files`
}

/** A project whose pipeline has run over all files. */
async function computed(project: string, shape: Shape, size: number): Promise<Varve> {
  const pipeline = { name: 'copies' }
  const transform = { operator: 'copy' }
  const repos = shape === 'join' ? (['in', 'side'] as const) : (['in'] as const)
  await makeProject(project, { repos, pipelines: [{ pipeline, input: inputs[shape], transform }] })
  for (const repo of repos) {
    await putFiles(
      project,
      repo,
      numbered(size).map((path) => [folderOf[repo] + path, Buffer.from(path)]),
    )
  }
  const varve = await openVarve({ dir: project })
  await drain(varve)
  return varve
}

async function drain(varve: Varve): Promise<void> {
  for await (const event of varve.run()) {
    if (event.type !== 'job.finished' || event.job.state === 'success') continue
    throw new Error(event.job.reason)
  }
}

/** Each turn changes one file, measures the plan, then the run. */
function parts(varve: Varve, shape: Shape, size: number): Contender[] {
  const measured: Record<Part, Measurement[]> = { plan: [], run: [] }
  let change = 0
  const all = async (): Promise<void> => {
    measured.plan = []
    measured.run = []
    for (let turn = 0; turn < turns; turn += 1) {
      change += 1
      const path = String((change * 7919) % size).padStart(7, '0')
      const bytes = Buffer.from(`change ${change}`)
      await varve.files.put('in@master', [{ kind: 'bytes', path, bytes }])
      measured.plan.push(await measure(() => varve.plan()))
      measured.run.push(await measure(() => drain(varve)))
    }
  }
  return [
    { name: nameOf('plan', shape, size), before: all, run: () => medians(measured.plan) },
    { name: nameOf('run', shape, size), run: () => medians(measured.run) },
  ]
}

/** A median of single turns: a mean would tell of the other tenants of the machine. */
function medians(list: readonly Measurement[]): Measurement {
  return {
    wallSeconds: median(list.map(({ wallSeconds }) => wallSeconds)),
    cpuSeconds: median(list.map(({ cpuSeconds }) => cpuSeconds)),
    peakMegabytes: Math.max(...list.map(({ peakMegabytes }) => peakMegabytes)),
  }
}
