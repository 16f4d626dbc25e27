import assert from 'node:assert/strict'
import { afterAll, expect, test } from 'vitest'
import { checkStates, type FoundState } from './check-states.fixture.ts'
import { expectSound } from './check-world.fixture.ts'
import { Recorder, type History } from './history.fixture.ts'
import { jobsOver, runAll, upperSpec, type OperatorRuns } from './job-history.fixture.ts'
import { openOver, type OpenedStore } from './memory-store.fixture.ts'
import { seededRandom } from './seeded.fixture.ts'
import { statesToCheck } from './state-counts.fixture.ts'
import { put } from './steps.fixture.ts'
import { digestOfStore } from './store-digest.fixture.ts'
import { allCommits, textsOf } from './world.fixture.ts'

const longest = 600_000
const files = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`f${i}`, `text ${i}`]))
const changed = { f0: 'changed', f6: 'one more' }

/** Two pipelines in a row over two commits; every run is acknowledged when it is idle. */
async function recordRuns(): Promise<{ history: History; datums: number }> {
  const recorder = new Recorder('running job')
  await recorder.open()
  await recorder.acknowledge()
  await recorder.store.repos.create('texts')
  await recorder.acknowledge()
  const runs: OperatorRuns = { count: 0, delayMs: 80 }
  const jobs = jobsOver(recorder.store, runs)
  await jobs.pipelines.create(await upperSpec('up', 'texts'))
  await recorder.acknowledge()
  await jobs.pipelines.create(await upperSpec('again', 'up'))
  await recorder.acknowledge()
  for (const content of [files, changed]) {
    await put('texts@master', content)(recorder)
    await recorder.acknowledge()
    await runAll(jobs)
    await recorder.acknowledge()
  }
  return { history: await recorder.end(), datums: runs.count }
}

interface Ends {
  /** Roots of every output commit as the uninterrupted run left them, in order, by repo. */
  readonly roots: Readonly<Record<string, readonly string[]>>
}

function rootsOf(commits: readonly { repo: string; files: string; state: string }[]): Ends {
  const roots: Record<string, string[]> = {}
  for (const { repo, files, state } of commits.toReversed()) {
    if (state === 'finished') (roots[repo] ??= []).push(files)
  }
  return { roots }
}

function worldEnds(world: string | undefined): Ends {
  const { commits } = JSON.parse(world ?? '{"commits":[]}') as {
    commits: { repo: string; files: string; state: string }[]
  }
  return rootsOf(commits)
}

/** Finished commits are the first ones of the uninterrupted run, and at least the acknowledged. */
function expectPrefix(found: Ends, acknowledged: Ends, last: Ends): void {
  for (const [repo, roots] of Object.entries(last.roots)) {
    const here = found.roots[repo] ?? []
    assert.deepEqual(here, roots.slice(0, here.length), repo)
    assert.ok(here.length >= (acknowledged.roots[repo] ?? []).length, `${repo} lost a commit`)
  }
}

interface Whole {
  readonly last: Ends
  /** Datums the uninterrupted run needed. */
  readonly datums: number
  /** Stores whose run was seen to its end, by what they were opened with and their digest. */
  readonly ran: Set<string>
}

/**
 * Every state is opened, held against what was acknowledged, and written on. Recovery makes few
 * stores of many disks: each that comes out is checked to the bytes and run to its end once, and so
 * is every sixteenth state, come what may.
 */
async function checkJobs(state: FoundState, whole: Whole): Promise<void> {
  const { history, acknowledged, files, cacheKind, number } = state
  const opened = await openOver({ ...state, random: seededRandom(`jobs ${number}`) })
  try {
    const ends = rootsOf(allCommits(opened.store))
    expectPrefix(ends, worldEnds(history.worlds[acknowledged]), whole.last)
    const key = `${cacheKind} ${acknowledged} ${digestOfStore(opened, files)}`
    const isKnown = whole.ran.has(key) && number % 16 !== 0
    if (isKnown) return void (await opened.store.repos.create('after'))
    whole.ran.add(key)
    await expectSound(opened)
    await expectRun(opened, state, { ends, whole })
    await expectSound(opened)
  } finally {
    await opened.close()
  }
}

/** The run goes on, does no more than it must, and ends with what the uninterrupted one ended with. */
async function expectRun(
  { store }: OpenedStore,
  { history, acknowledged }: FoundState,
  { ends, whole: { last, datums } }: { readonly ends: Ends; readonly whole: Whole },
): Promise<void> {
  const runs: OperatorRuns = { count: 0, delayMs: 0 }
  await runAll(jobsOver(store, runs))
  assert.ok(runs.count <= datums, `${runs.count} datums ran, an uninterrupted run needs ${datums}`)
  if (acknowledged === history.worlds.length - 1) assert.equal(runs.count, 0)
  for (const commit of allCommits(store)) {
    const texts = history.texts.get(commit.files)
    assert.deepEqual(await textsOf(store, commit), texts)
    assert.equal(commit.state, 'finished')
  }
  const after = rootsOf(allCommits(store))
  expectPrefix(after, ends, last)
  const inputs = after.roots['default/texts'] ?? []
  const pipelines = ['default/up', 'default/again'].filter((repo) => store.repos.exists(repo))
  for (const repo of pipelines) assert.equal((after.roots[repo] ?? []).length, inputs.length)
}

let states = 0

test(
  'after a power cut at any instant of a run it goes on, and ends as if nothing had been',
  { timeout: longest },
  async () => {
    const { history, datums } = await recordRuns()
    const last = worldEnds(history.worlds.at(-1))
    expect(Object.values(last.roots).flat().length).toBeGreaterThan(5)
    const whole = { last, datums, ran: new Set<string>() }
    const check = (state: FoundState) => checkJobs(state, whole)
    states += await checkStates(history, { disks: 4_000, check })
  },
)

afterAll(() => {
  console.log(`crash states while running: ${states}`)
  expect(states).toBeGreaterThanOrEqual(statesToCheck.running)
})
