import { expect, test } from 'vitest'
import { isVarveError, type Digest } from '../model/index.ts'
import { MemoryFiles } from '../storage/index.ts'
import { memoryObjects } from '../storage/index.ts'
import { repairSegments } from './repair.ts'
import { copyOf, digestsOf, findings, openOver, recordTexts, sampleItems } from './store.fixture.ts'

const items = sampleItems(40)
const photos = '/segments/photos/000001.tar'

async function filled(): Promise<MemoryFiles> {
  const files = new MemoryFiles()
  const store = await openOver(files)
  await store.addItems('photos', items)
  await store.appendRecords([Buffer.from('one')])
  await store.appendRecords([Buffer.from('two')])
  await store.appendRecords([Buffer.from('three')])
  await store.close()
  return files
}

function flip(files: MemoryFiles, path: string, bit: number): void {
  const content = files.files.get(path)?.content()
  const at = bit >> 3
  content?.writeUInt8((content[at] ?? 0) ^ (1 << (bit & 7)), at)
}

type Store = Awaited<ReturnType<typeof openOver>>

/** Reads each item alone: what comes back is right, or the read fails. */
async function neverWrong(store: Store): Promise<void> {
  for (const digest of digestsOf(items)) {
    await store.read([digest]).catch((error: unknown) => {
      if (!isVarveError(error, 'STORE_DAMAGED') && !isVarveError(error, 'IO_FAILED')) throw error
    })
  }
}

test('a store without faults has no findings', async () => {
  const store = await openOver(await filled())
  expect(await findings(store)).toEqual([])
  const report = await store.verify({ readData: true, onFinding: () => undefined })
  expect(report).toMatchObject({ segments: 2, members: 40 + 3 + 3, findings: 0 })
})

test('each of a thousand flipped bits is found, and no read ever answers wrong bytes', async () => {
  const files = await filled()
  const store = await openOver(files)
  const paths = [photos, '/segments/meta/000001.tar']
  let random = 12345
  for (let i = 0; i < 1000; i++) {
    random = (Math.imul(random, 1103515245) + 12345) & 0x7fffffff
    const path = paths[i % 10 === 0 ? 1 : 0] ?? photos
    const bit = random % ((files.size(path) ?? 0) * 8)
    flip(files, path, bit)
    const found = await findings(store)
    expect(found.length, `bit ${bit} of ${path}`).toBeGreaterThan(0)
    expect(found.every(({ segment }) => path.endsWith(segment))).toBe(true)
    if (i % 20 === 0) await neverWrong(store)
    flip(files, path, bit)
  }
  expect(await findings(store)).toEqual([])
})

test('a flipped payload names its item, and only reading the data finds it', async () => {
  const files = await filled()
  const store = await openOver(files)
  const [victim] = digestsOf(items.slice(6)) as [Digest]
  const [place] = await store.locate([victim])
  flip(files, photos, ((place?.offset ?? 0) + 3) * 8)
  expect(await findings(store, false)).toEqual([])
  expect(await findings(store)).toMatchObject([{ kind: 'wrong-bytes', digest: victim }])
  await expect(store.read([victim])).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
})

test('a lost header names the item behind it, and the rest stays readable', async () => {
  const files = await filled()
  const store = await openOver(files)
  const [victim] = digestsOf(items.slice(6)) as [Digest]
  const [place] = await store.locate([victim])
  flip(files, photos, ((place?.offset ?? 0) - 512) * 8)
  expect(await findings(store)).toMatchObject([
    { kind: 'broken-member' },
    { kind: 'broken-member', digest: victim },
  ])
})

test('repair keeps the old bytes beside, drops only what is broken, and the store writes again', async () => {
  const files = await filled()
  const before = copyOf(files).files.get(photos)?.content()
  flip(files, photos, 8)
  flip(files, '/segments/meta/000001.tar', 8 * (512 + 512 + 512 + 3))
  await expect(openOver(files)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  const objects = memoryObjects(files)
  const report = await repairSegments({ objects, indexPath: ':memory:', readData: true })
  expect(report.lostRecords).toEqual([1])
  expect(report.repaired.map(({ segment }) => segment).toSorted()).toEqual([
    'segments/meta/000001.tar',
    'segments/photos/000001.tar',
  ])
  expect(files.size(`${photos}.damaged`)).toBe(before?.length)
  const store = await openOver(files)
  expect(await recordTexts(store)).toEqual(['two', 'three'])
  const present = await store.has(digestsOf(items))
  expect(present.filter((one) => !one)).toHaveLength(1)
  await store.addItems('photos', items)
  await store.appendRecords([Buffer.from('four')])
  expect(await findings(store)).toEqual([])
  await store.close()
  const again = await openOver(files)
  expect(await recordTexts(again)).toEqual(['two', 'three', 'four'])
  expect(await again.read(digestsOf(items))).toHaveLength(40)
})
