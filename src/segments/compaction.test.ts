import { expect, test } from 'vitest'
import type { Digest } from '../model/index.ts'
import { crashStates, RecordingFiles } from '../storage/testing.ts'
import { digestsOf, findings, openOver, recordTexts, sampleItems } from './store.fixture.ts'

const items = sampleItems(40)
const digests = digestsOf(items)
const live = new Set(digests.filter((_, i) => i % 3 === 0))
const isLive = (asked: readonly Digest[]) => asked.map((digest) => live.has(digest))

async function filled(files = new RecordingFiles()) {
  const store = await openOver(files, { segmentBytes: 24 << 10 })
  await store.addItems('photos', items)
  const bytes = Buffer.alloc(700, 'dead node')
  await store.addNodes(new Map([[digestsOf([{ bytes }])[0] as Digest, bytes]]))
  await store.appendRecords([Buffer.from('one')])
  await store.appendRecords([Buffer.from('two')])
  return { files, store }
}

function bytesOf(files: RecordingFiles): number {
  return [...files.files.values()].reduce((sum, { size }) => sum + size, 0)
}

test('a dry run reports what would be freed and changes nothing', async () => {
  const { files, store } = await filled()
  const before = bytesOf(files)
  const report = await store.compact({ isLive, dryRun: true })
  expect(report.deadItems).toBe(40 - live.size + 1)
  expect(report.freedBytes).toBeGreaterThan(30_000)
  expect(bytesOf(files)).toBe(before)
})

test('compaction frees what is dead, and what lives is read from its new place', async () => {
  const { files, store } = await filled()
  const before = bytesOf(files)
  const report = await store.compact({ isLive, dryRun: false })
  const saved = before - bytesOf(files)
  expect(Math.abs(saved - report.freedBytes)).toBeLessThan(4096)
  expect(await store.has(digests)).toEqual(digests.map((digest) => live.has(digest)))
  expect(await store.read([...live])).toHaveLength(live.size)
  expect(await recordTexts(store)).toEqual(['one', 'two'])
  expect(await findings(store)).toEqual([])
  expect(await store.compact({ isLive, dryRun: true })).toMatchObject({ segments: 0 })
  await store.close()
})

test('what was collected can be added again', async () => {
  const { files, store } = await filled()
  await store.compact({ isLive, dryRun: false })
  await store.addItems('photos', items)
  await store.appendRecords([Buffer.from('three')])
  await store.close()
  const again = await openOver(files)
  expect(await again.read(digests)).toHaveLength(40)
  expect(await recordTexts(again)).toEqual(['one', 'two', 'three'])
})

test.each([3, 11])(
  'compaction cut off at any instant loses nothing that lives (%i)',
  async (seed) => {
    const { files, store } = await filled()
    const start = files.log.length
    await store.compact({ isLive, dryRun: false })
    await store.close()
    let states = 0
    for (const state of crashStates(files.log, { seed, limit: 600 })) {
      if (state.at < start) continue
      states++
      const again = await openOver(state.files)
      expect(await again.read([...live])).toHaveLength(live.size)
      expect(await recordTexts(again)).toEqual(['one', 'two'])
      await again.compact({ isLive, dryRun: false })
      expect(await again.read([...live])).toHaveLength(live.size)
      await again.close()
    }
    expect(states).toBeGreaterThan(100)
  },
)
