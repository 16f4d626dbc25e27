/**
 * Question: what does the commit of one changed file cost as the repo grows? Through the library,
 * with the store open and warm, everything made durable. Yardstick: the same commit at 10,000
 * paths, and the bare fsyncs it has to wait for. To reach: at most twice from 10,000 to 1,000,000
 * paths, and at most 20 ms.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openVarve, type Varve } from '../src/engine/index.ts'
import { datasetPaths, inScratch } from './dataset.ts'
import { inTurns, machine, median, report, scaled, smoke, type Contender } from './harness.ts'

const sizes = [10_000, 100_000, 1_000_000].map(scaled)
const paths = new Map(sizes.map((size) => [size, datasetPaths(size)]))
const turns = smoke ? 3 : 30
const fsyncsInCommit = 2

/** A repo of many paths that all hold one of a thousand small files. */
async function filledStore(dir: string, paths: readonly string[]): Promise<Varve> {
  const varve = await openVarve({ dir })
  await varve.repos.create('photos')
  const sources = paths.map((path, i) => ({
    kind: 'bytes' as const,
    path,
    bytes: Buffer.from(`image ${i % 1000}`),
  }))
  await varve.files.put('photos@master', sources)
  return varve
}

/** Median of single runs: a mean would tell of the other tenants of the disk. */
async function timed(task: (turn: number) => unknown) {
  const walls: number[] = []
  const cpus: number[] = []
  for (let turn = 0; turn < turns; turn++) {
    const cpu = process.cpuUsage()
    const start = performance.now()
    await task(turn)
    walls.push((performance.now() - start) / 1000)
    const { user, system } = process.cpuUsage(cpu)
    cpus.push((user + system) / 1e6)
  }
  const peakMegabytes = process.resourceUsage().maxRSS / 1024
  return { wallSeconds: median(walls), cpuSeconds: median(cpus), peakMegabytes }
}

await inScratch(async (scratch) => {
  const stores = new Map<string, Varve>()
  for (const size of sizes) {
    const dir = join(scratch, String(size))
    mkdirSync(dir)
    writeFileSync(join(dir, 'varve.yaml'), 'name: bench\n')
    stores.set(nameOf(size), await filledStore(dir, paths.get(size) ?? []))
  }
  let version = 0
  const contenders: Contender[] = sizes.map((size) => ({
    name: nameOf(size),
    run: () =>
      timed(async (turn) => {
        const path = paths.get(size)?.[(turn * 7919) % size] ?? ''
        const bytes = Buffer.from(`version ${version++} of ${size}`)
        await stores.get(nameOf(size))?.files.put('photos@master', [{ kind: 'bytes', path, bytes }])
      }),
  }))
  const found = await inTurns([...contenders, fsyncs(join(scratch, 'plain'))])
  for (const store of stores.values()) await store.close()
  const [small = 0, , large = 0] = sizes.map(
    (size) => found.get(nameOf(size))?.wallSeconds ?? Number.NaN,
  )
  report({
    question: `A commit of one changed file (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: [
      {
        goal: 'from 10,000 paths to 1,000,000 <= 2',
        reached: (large / small).toFixed(2),
        met: large / small <= 2,
      },
      {
        goal: 'at 1,000,000 paths <= 20 ms',
        reached: `${(large * 1000).toFixed(1)} ms`,
        met: large <= 0.02,
      },
    ],
  })
})

function nameOf(size: number): string {
  return `commit of 1 change at ${size} paths`
}

/** What the disk alone takes for as many durable appends as a commit makes. */
function fsyncs(path: string): Contender {
  return {
    name: `${fsyncsInCommit} appends with fsync`,
    run: async () => {
      const fd = openSync(path, 'a')
      const block = Buffer.alloc(8192)
      const measured = await timed(() => {
        for (let i = 0; i < fsyncsInCommit; i++) {
          writeSync(fd, block)
          fsyncSync(fd)
        }
      })
      closeSync(fd)
      return measured
    },
  }
}
