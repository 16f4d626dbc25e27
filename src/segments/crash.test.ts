import { expect, test } from 'vitest'
import { crashStates, RecordingFiles } from '../storage/testing.ts'
import type { MemoryFiles } from '../storage/index.ts'
import { digestsOf, openOver, recordTexts, sampleItems } from './store.fixture.ts'

const commits = 6
const perCommit = 9

/** Commits of items, nodes and one record each, over segments so small that lanes roll. */
async function recordedCommits(): Promise<RecordingFiles> {
  const files = new RecordingFiles()
  const store = await openOver(files, { segmentBytes: 24 << 10, bufferBytes: 4 << 10 })
  for (let commit = 0; commit < commits; commit++) {
    await store.addItems('photos', itemsOf(commit))
    await store.addNodes(new Map([[nodeOf(commit).digest, nodeOf(commit).bytes]]))
    await store.appendRecords([Buffer.from(`commit ${commit}`)])
    files.mark(`commit ${commit}`)
  }
  await store.close()
  return files
}

const itemsOf = (commit: number) => sampleItems(perCommit, commit * perCommit)

function nodeOf(commit: number) {
  const bytes = Buffer.alloc(900, `node ${commit}`)
  const [digest] = digestsOf([{ bytes }])
  return { digest: digest as NonNullable<typeof digest>, bytes }
}

async function checkState(files: MemoryFiles, marks: readonly string[]): Promise<void> {
  const store = await openOver(files)
  const texts = await recordTexts(store)
  expect(texts.slice(0, marks.length)).toEqual(marks)
  for (const [commit] of texts.entries()) {
    const items = itemsOf(commit)
    const wanted = [...digestsOf(items), nodeOf(commit).digest]
    const bytes = await store.read(wanted)
    expect(bytes.map((one) => one.length)).toEqual([...items.map(({ bytes }) => bytes.length), 900])
  }
  await store.addItems('photos', sampleItems(1, 999))
  await store.appendRecords([Buffer.from('after the crash')])
  await store.close()
  const again = await openOver(files)
  expect(await recordTexts(again)).toEqual([...texts, 'after the crash'])
  expect(again.recovery).toMatchObject({ damage: [], cuts: [] })
  await again.close()
}

test('no crash loses a record that was acknowledged or shows one whose items are not there', async () => {
  const { log } = await recordedCommits()
  let states = 0
  for (const { files, marks } of crashStates(log, { seed: 7, limit: 1000 })) {
    await checkState(files, marks)
    states++
  }
  expect(states).toBeGreaterThan(500)
})
