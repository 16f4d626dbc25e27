import { expect, test } from 'vitest'
import { memoryObjects, MemoryFiles } from '../storage/index.ts'
import { SegmentScanner } from './segment-scanner.ts'
import { copyOf, digestsOf, openOver, recordTexts, sampleItems } from './store.fixture.ts'

const photos = '/segments/photos/000001.tar'
const tailBytes = 64 << 10

function cut(files: MemoryFiles, path: string, size: number): MemoryFiles {
  const copy = copyOf(files)
  copy.files.get(path)?.resize(size)
  return copy
}

test('a lane cut at any place opens and serves exactly its whole items', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files)
  const items = sampleItems(60)
  await store.addItems('photos', items)
  await store.sync()
  const places = await store.locate(digestsOf(items))
  await store.close()
  const size = files.size(photos) ?? 0
  expect(size).toBeGreaterThan(tailBytes)
  const edges = places.map((place) => (place?.offset ?? 0) - 512)
  const nearEdges = edges.flatMap((edge) => [edge - 1, edge, edge + 1, edge + 511, edge + 513])
  const strided = Array.from({ length: 100 }, (_, i) => size - i * 641)
  for (const at of [...nearEdges, ...strided].filter((at) => at >= 0)) {
    const again = await openOver(cut(files, photos, at))
    const whole = places.map((place) => padded(place) <= at)
    expect(await again.has(digestsOf(items))).toEqual(whole)
    await again.read(digestsOf(items.filter((_, i) => whole[i])))
    await again.close()
  }
})

test('cut at every single byte of the last 64 KiB, a scan ends behind the last whole member', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files)
  const items = sampleItems(60)
  await store.addItems('photos', items)
  await store.sync()
  const ends = (await store.locate(digestsOf(items))).map(padded)
  await store.close()
  const content = files.files.get(photos)
  const size = files.size(photos) ?? 0
  const wrong: number[] = []
  for (let at = size; at >= size - tailBytes; at--) {
    content?.resize(at)
    const whole = ends.filter((end) => end <= at)
    const last = whole.at(-1) ?? 0
    // From two members before the cut, so that the walk to it does not cost the square of it.
    const from = whole.at(-2) ?? 0
    const range = { from, to: at, checkFrom: from }
    const scanner = new SegmentScanner(memoryObjects(files), 'segments/photos/000001.tar', range)
    const members = []
    for (let batch = await scanner.next(); batch; batch = await scanner.next())
      members.push(...batch)
    const isRight =
      members.every(({ intact }) => intact) &&
      (members.at(-1)?.end ?? from) === last &&
      scanner.stop?.at === last &&
      scanner.stop.kind === (at === last ? 'open' : 'fault')
    if (!isRight) wrong.push(at)
  }
  expect(wrong).toEqual([])
})

function padded(place?: { offset: number; length: number }): number {
  return (place?.offset ?? 0) + Math.ceil((place?.length ?? 0) / 512) * 512
}

test('records that were followed by another are known to be durable: losing them is damage', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files)
  await store.addItems('photos', sampleItems(3))
  await store.appendRecords([Buffer.from('one')])
  await store.appendRecords([Buffer.from('two')])
  await store.close()
  const meta = '/segments/meta/000001.tar'
  const size = files.size(meta) ?? 0
  const last = await openOver(cut(files, meta, size - 1))
  expect(await recordTexts(last)).toEqual(['one'])
  await expect(openOver(cut(files, photos, 600))).rejects.toMatchObject({ code: 'STORE_DAMAGED' })

  const flipped = copyOf(files)
  const content = flipped.files.get(meta)?.content()
  content?.writeUInt8(0xff, 1030)
  await expect(openOver(flipped)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  const reader = await openOver(flipped, { mode: 'read' })
  expect(reader.recovery.damage.length).toBeGreaterThan(0)
  expect(await recordTexts(reader)).toEqual(['two'])
  await reader.read(digestsOf(sampleItems(3)))
})
