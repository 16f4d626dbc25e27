import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DatumInfo, Varve } from '../../src/index.ts'
import { ProcessProject } from './process.fixture.ts'
import { below, seed, seededRandom } from './seeded.fixture.ts'

const kills = 50
const longest = 600_000
const pipelines = ['shouted', 'copied', 'joined', 'counted']

/** Commands and an operator side by side, a join over both, and one datum over all of it. */
const projectFile = `
repos:
  - name: texts
pipelines:
  - pipeline: { name: shouted }
    input: { pfs: { repo: texts, glob: '/*' } }
    transform: { cmd: [sh], stdin: ['sleep 0.03', 'tr a-z A-Z < "$texts" > /pfs/out/$(basename "$texts")'] }
  - pipeline: { name: copied }
    input: { pfs: { repo: texts, glob: '/*' } }
    transform: { operator: copy }
  - pipeline: { name: joined }
    input:
      join:
        - pfs: { repo: shouted, glob: '/(*)', join_on: $1 }
        - pfs: { repo: copied, glob: '/(*)', join_on: $1 }
    transform:
      cmd: [sh]
      stdin: ['cat "$shouted" "$copied" > /pfs/out/$(basename "$shouted")']
  - pipeline: { name: counted }
    input: { pfs: { repo: joined, glob: / } }
    transform: { cmd: [sh], stdin: ['cat /pfs/joined/* | wc -c > /pfs/out/bytes'] }
`

let disturbed: ProcessProject
let calm: ProcessProject
beforeAll(() => {
  disturbed = new ProcessProject()
  calm = new ProcessProject()
  for (const { folder } of [disturbed, calm]) {
    writeFileSync(join(folder, 'varve.yaml'), projectFile)
  }
})
afterAll(() => {
  disturbed.remove()
  calm.remove()
})

/** The change of one round: the same wherever it is made. */
function changeOf(round: number): { path: string; text: string }[] {
  const random = seededRandom(`round ${round}`)
  const count = round === 0 ? 12 : 5
  return Array.from({ length: count }, (_, i) => ({
    path: `file-${round === 0 ? i : below(random, 16)}`,
    text: `text ${below(random, 1000)} of round ${round}\n`.repeat(1 + below(random, 20)),
  }))
}

async function change(varve: Varve, round: number): Promise<void> {
  await varve.repo('texts').commit(async (tx) => {
    for (const { path, text } of changeOf(round)) await tx.put(path, text)
  })
}

async function runHere(project: ProcessProject): Promise<void> {
  await project.with('write', async (varve) => {
    await varve.apply()
    for await (const _ of varve.run());
  })
}

/** Roots of every finished commit of every pipeline, oldest first. */
function rootsOf(varve: Varve): Record<string, readonly string[]> {
  return Object.fromEntries(
    pipelines.map((repo) => [
      repo,
      varve.history({ repo, branch: 'master' }).map(({ files, state }) => `${state} ${files}`),
    ]),
  )
}

type Durable = ReadonlyMap<string, DatumInfo>

/** Datums whose results are durable now, by what they are results of. */
async function durableDatums(varve: Varve): Promise<Durable> {
  const found = new Map<string, DatumInfo>()
  const jobs = pipelines.flatMap((pipeline) => varve.jobs.list({ pipeline }))
  for (const { pipeline, id } of jobs) {
    for await (const datum of varve.datums.list({ job: `${pipeline}@${id}` })) {
      if (datum.state !== 'success' || datum.ranIn !== id) continue
      found.set(`${pipeline}@${id}/${datum.id}`, datum)
    }
  }
  return found
}

/** What is durable was not run again: it is the very same run that is told of later. */
function expectKept(before: Durable, after: Durable): void {
  for (const [name, { startedAt, tries, outputs }] of before) {
    expect(after.get(name), name).toMatchObject({ startedAt, tries, outputs })
  }
}

async function expectSound(project: ProcessProject): Promise<Durable> {
  return project.with('read', async (varve) => {
    expect((await varve.fsck({ readData: true })).faults).toEqual([])
    return durableDatums(varve)
  })
}

async function gone(project: ProcessProject): Promise<string[]> {
  for (let i = 0; i < 50 && project.leaked().length > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return project.leaked()
}

test(
  `a run killed ${kills} times and started again ends like one nobody disturbed`,
  { timeout: longest },
  async () => {
    await disturbed.must('run')
    const random = seededRandom('kills')
    let durable: Durable = new Map()
    let killed = 0
    let rounds = 0
    let usualMs = 0
    const delays: number[] = []
    while (killed < kills) {
      await disturbed.with('write', (varve) => change(varve, rounds))
      for (let isDone = false; !isDone;) {
        const afterMs = usualMs === 0 ? 60_000 : usualMs * (0.15 + random.fraction())
        const end = await disturbed.killed(killed < kills ? afterMs : 60_000, 'run')
        isDone = end.signal === null
        if (isDone) {
          expect(end.code, end.stderr).toBe(0)
          usualMs = usualMs === 0 ? end.ms : (usualMs + end.ms) / 2
        } else {
          killed++
          delays.push(Math.round(afterMs))
        }
        const now = await expectSound(disturbed)
        expectKept(durable, now)
        durable = now
      }
      rounds++
    }
    await disturbed.must('run')
    expect(await gone(disturbed), `processes left, seed ${seed}`).toEqual([])
    expect(disturbed.leftovers()).toEqual([])

    await runHere(calm)
    for (let round = 0; round < rounds; round++) {
      await calm.with('write', (varve) => change(varve, round))
      await runHere(calm)
    }
    const wanted = await calm.with('read', rootsOf)
    const found = await disturbed.with('read', rootsOf)
    expect(found, `seed ${seed}, delays ${delays.join(' ')}`).toEqual(wanted)
    expect(Object.values(found).flat().length).toBeGreaterThanOrEqual(rounds * pipelines.length)
    const last = await disturbed.must('run', '--json')
    expect(last.stdout).not.toContain('"running"')
    await disturbed.must('fsck', '--read-data')
    console.log(`${killed} kills over ${rounds} rounds; a run takes ${Math.round(usualMs)} ms`)
  },
)
