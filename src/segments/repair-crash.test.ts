import { expect, test } from 'vitest'
import { isVarveError } from '../model/index.ts'
import { memoryObjects, type MemoryFiles } from '../storage/index.ts'
import { crashStates, RecordingFiles } from '../storage/testing.ts'
import { repairSegments } from './repair.ts'
import { digestsOf, openOver, recordTexts, sampleItems } from './store.fixture.ts'

const items = sampleItems(12)
const photos = '/segments/photos/000001.tar'
const meta = '/segments/meta/000001.tar'

const repair = (files: MemoryFiles) =>
  repairSegments({ objects: memoryObjects(files), indexPath: ':memory:', readData: true })

/** Writes a wrong byte and makes it durable, as a rotting disk would. */
function rot(files: RecordingFiles, path: string, at: number): void {
  const fd = files.open(path, 'write')
  files.write(fd, Buffer.of(0xff), at)
  files.fsync(fd)
  files.close(fd)
}

/** One item and the second record are rotten; three records and eleven items are whole. */
async function rotten(): Promise<RecordingFiles> {
  const files = new RecordingFiles()
  const store = await openOver(files)
  await store.addItems('photos', items)
  for (const text of ['one', 'two', 'three', 'four']) await store.appendRecords([Buffer.from(text)])
  const [place] = await store.locate(digestsOf(items.slice(5)))
  const found: number[] = []
  for await (const { at } of store.records()) found.push(at.sequence)
  expect(found).toEqual([1, 2, 3, 4])
  await store.close()
  rot(files, photos, (place?.offset ?? 0) + 2)
  // Each commit is a claim and a record, each of a header and one block of payload.
  rot(files, meta, 3 * 1024 + 512)
  return files
}

async function openRepaired(files: MemoryFiles) {
  try {
    return await openOver(files)
  } catch (error) {
    if (!isVarveError(error, 'STORE_DAMAGED')) throw error
    await repair(files)
    return openOver(files)
  }
}

test('repair cut off at any instant, and made again, keeps everything that is whole', async () => {
  const files = await rotten()
  const start = files.log.length
  await repair(files)
  const kept = digestsOf(items).filter((_, i) => i !== 5)
  let states = 0
  for (const { at, files: disk } of crashStates(files.log, { seed: 5, limit: 300 })) {
    if (at < start) continue
    states++
    await repair(disk)
    const store = await openRepaired(disk)
    expect(await store.read(kept)).toHaveLength(kept.length)
    expect(await recordTexts(store)).toEqual(['one', 'three', 'four'])
    await store.addItems('photos', items)
    await store.appendRecords([Buffer.from('five')])
    await store.close()
    const again = await openOver(disk)
    expect(await again.read(digestsOf(items))).toHaveLength(items.length)
    expect(await recordTexts(again)).toEqual(['one', 'three', 'four', 'five'])
    await again.close()
  }
  expect(states).toBeGreaterThan(30)
})
