import { expect, test } from 'vitest'
import { openSegmentStore } from '../segments/index.ts'
import { DiskObjects, type MemoryFiles } from '../storage/index.ts'
import { crashStates, RecordingFiles } from '../storage/testing.ts'
import { systemRandom } from '../util/index.ts'
import { openStore } from './store.ts'
import { pathsOf, steppingClock, text, textOf } from './store.fixture.ts'

type Files = ConstructorParameters<typeof DiskObjects>[1]

async function open(files: Files) {
  const objects = new DiskObjects('/', files)
  const segments = await openSegmentStore({ objects, indexPath: ':memory:', mode: 'write' })
  const common = { catalogFile: ':memory:', clock: steppingClock(), random: systemRandom }
  const store = await openStore({ ...common, segments })
  return { store, close: () => store.close().then(() => segments.close()) }
}

test('a power cut at any instant keeps every acknowledged commit and shows no half of one', async () => {
  const recording = new RecordingFiles()
  const { store, close } = await open(recording)
  await store.repos.create('r')
  recording.mark('0')
  for (let round = 1; round <= 4; round += 1) {
    const content = `round ${round}`
    await store.files.put('r@master', [text('always', content), text(`${round}/new`, content)])
    recording.mark(String(round))
  }
  await close()
  let states = 0
  for (const { files, marks } of crashStates(recording.log, { seed: 7, limit: 200 })) {
    await checkState(files, Number(marks.at(-1) ?? -1))
    states += 1
  }
  expect(states).toBeGreaterThan(100)
})

async function checkState(files: MemoryFiles, acknowledged: number): Promise<void> {
  const { store, close } = await open(files)
  try {
    const commits = store.repos.exists('r') ? store.commits.list({ repo: 'r' }) : []
    expect(commits.length).toBeGreaterThanOrEqual(acknowledged)
    if (acknowledged >= 0) expect(store.repos.exists('r')).toBe(true)
    for (const [i, commit] of commits.toReversed().entries()) {
      const name = `r@${commit.id}`
      expect(await textOf(store, name, 'always')).toBe(`round ${i + 1}`)
      expect((await pathsOf(store, name)).length).toBe(i + 2)
    }
    if (commits[0] !== undefined) expect(store.commits.inspect('r@master').id).toBe(commits[0].id)
    await store.repos.create('after')
  } finally {
    await close()
  }
}
