import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Varve } from '../../src/index.ts'
import { ProcessProject } from './process.fixture.ts'
import { below, seed, seededRandom } from './seeded.fixture.ts'

const kills = 12
const longest = 300_000
const manyFiles = 60

let project: ProcessProject
beforeEach(async () => {
  project = new ProcessProject()
  await project.must('init')
  await project.with('write', (varve) => varve.repos.create('r'))
})
afterEach(() => project.remove())

/** A folder of files to put; every call makes other ones. */
function folderOf(round: number): string {
  const folder = join(project.temporary, `sources-${round}`)
  mkdirSync(folder)
  const random = seededRandom(`sources ${round}`)
  for (let i = 0; i < manyFiles; i++) {
    const size = 1 + below(random, 40_000)
    writeFileSync(join(folder, `file-${i}`), `${round}/${i} `.repeat(size >> 3))
  }
  return folder
}

/** Heads and roots, and that all of it is sound. */
async function soundState(): Promise<string> {
  return project.with('write', async (varve) => {
    expect((await varve.fsck({ readData: true })).faults, `seed ${seed}`).toEqual([])
    return stateOf(varve)
  })
}

function stateOf(varve: Varve): string {
  const commits = varve.history({ repo: 'r', branch: 'master' })
  return JSON.stringify(commits.map(({ id, state, files, count }) => [id, state, files, count]))
}

function commitCount(state: string): number {
  return (JSON.parse(state) as unknown[]).length
}

/** Kills a command again and again, at other moments; answers how often it came too late. */
async function killOften(
  usualMs: number,
  check: (wasKilled: boolean) => Promise<void>,
  words: (round: number) => readonly string[],
): Promise<void> {
  const random = seededRandom(words(-1).join(' '))
  for (let killed = 0, round = 0; killed < kills; round++) {
    const end = await project.killed(usualMs * (0.3 + random.fraction() * 0.7), ...words(round))
    const wasKilled = end.signal !== null
    if (wasKilled) killed++
    else expect(end.code, end.stderr).toBe(0)
    await check(wasKilled)
  }
  expect(project.leaked()).toEqual([])
}

test(`put killed ${kills} times leaves a whole commit or none`, { timeout: longest }, async () => {
  const putting = (folder: string) => ['put', 'file', 'r@master', '-r', '-f', folder]
  const { ms } = await project.must(...putting(folderOf(1000)))
  let before = await soundState()
  const check = async (wasKilled: boolean): Promise<void> => {
    const after = await soundState()
    const more = commitCount(after) - commitCount(before)
    if (wasKilled) expect([0, 1]).toContain(more)
    else expect(more).toBe(1)
    await project.with('read', async (varve) => {
      for await (const { path, kind } of varve.files.list('r@master')) {
        expect([kind, (await collect(varve, path)).length]).toEqual(['directory', manyFiles])
      }
    })
    before = after
  }
  await killOften(ms, check, (round) => (round < 0 ? ['put'] : putting(folderOf(round))))
})

async function collect(varve: Varve, path: string): Promise<string[]> {
  const found: string[] = []
  for await (const file of varve.files.list('r@master', path)) found.push(file.path)
  return found
}

/** Commits of which the newest is dropped: there is garbage. */
async function makeGarbage(round: number): Promise<void> {
  await project.with('write', async (varve) => {
    for (const name of ['kept', 'dropped']) {
      await varve.repo('r').commit(async (tx) => {
        for (let i = 0; i < 20; i++)
          await tx.put(`${name}-${round}-${i}`, `${round}${i}`.repeat(5000))
      })
    }
    await varve.commits.drop('r@master')
  })
}

test(
  `gc killed ${kills} times loses nothing and can be repeated`,
  { timeout: longest },
  async () => {
    await makeGarbage(1000)
    const { ms } = await project.must('gc')
    let round = 0
    await makeGarbage(round)
    let before = await soundState()
    const check = async (wasKilled: boolean): Promise<void> => {
      expect(await soundState()).toBe(before)
      if (wasKilled) await project.must('gc')
      const { deadItems } = await project.with('write', (varve) => varve.gc({ dryRun: true }))
      expect(deadItems).toBe(0)
      await makeGarbage(++round)
      before = await soundState()
    }
    await killOften(ms, check, () => ['gc'])
  },
)

test(`reindex killed ${kills} times ends in the same index`, { timeout: longest }, async () => {
  for (let round = 0; round < 6; round++) await makeGarbage(round)
  const before = await soundState()
  const { ms } = await project.must('reindex')
  const check = async (): Promise<void> => expect(await soundState()).toBe(before)
  await killOften(ms, check, () => ['reindex'])
})
