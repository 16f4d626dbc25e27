import { expect, test } from 'vitest'
import { digestOf } from '../model/index.ts'
import { MemoryFiles, memoryObjects } from '../storage/index.ts'
import { RecordingFiles } from '../storage/testing.ts'
import { openSegmentStore } from './index.ts'
import { digestsOf, openOver, sampleItems } from './store.fixture.ts'

function open(files: MemoryFiles, mode: 'read' | 'write' = 'write') {
  return openSegmentStore({ objects: memoryObjects(files), indexPath: ':memory:', mode })
}

test('items added are read back at once, and after reopening once they were synced', async () => {
  const files = new MemoryFiles()
  const store = await open(files)
  const [stored] = await store.addItems('photos', [
    { bytes: Buffer.from('light'), extension: 'txt' },
  ])
  expect(stored).toEqual({ digest: digestOf('light'), size: 5 })
  expect(await store.read([digestOf('light')])).toEqual([Buffer.from('light')])
  await store.sync()
  await store.close()
  const again = await open(files)
  expect(await again.read([digestOf('light')])).toEqual([Buffer.from('light')])
})

test('records come back in the order they were appended, with what was applied beside them', async () => {
  const files = new MemoryFiles()
  const store = await open(files)
  const seen: number[] = []
  await store.appendRecords([Buffer.from('one'), Buffer.from('two')], (_, at) =>
    seen.push(at.sequence),
  )
  await store.appendRecords([Buffer.from('three')], (_, at) => seen.push(at.sequence))
  expect(seen).toEqual([2, 3])
  await store.close()
  const again = await open(files)
  const texts: string[] = []
  for await (const { bytes } of again.records({ sequence: 1 }))
    texts.push(Buffer.from(bytes).toString())
  expect(texts).toEqual(['two', 'three'])
})

test('equal bytes are stored once, in one batch, across lanes and after reopening', async () => {
  const files = new MemoryFiles()
  const store = await open(files)
  const item = { bytes: Buffer.alloc(2000, 'same') }
  await store.addItems('a', [item, item])
  await store.addItems('b', [item])
  await store.sync()
  const size = files.size('/segments/a/000001.tar')
  expect(size).toBe(512 + 2048)
  await store.close()
  const again = await open(files)
  await again.addItems('a', [item])
  await again.sync()
  expect(files.size('/segments/a/000001.tar')).toBe(size)
})

async function* chunks(count: number, salt: string) {
  for (let i = 0; i < count; i++) yield Buffer.alloc(100_000, `${salt}${i}`)
}

test('a stream is stored whole, read in ranges, and deduplicated like any item', async () => {
  const files = new MemoryFiles()
  const store = await open(files)
  const source = { open: () => chunks(30, 'x'), extension: 'mp4' }
  const { digest, size } = await store.addStream('video', source)
  expect(size).toBe(3_000_000)
  expect(await store.addStream('video', source)).toEqual({ digest, size })
  const [whole] = await store.read([digest])
  const part: Uint8Array[] = []
  for await (const chunk of store.stream(digest, 1_234_567, 2_345_678)) part.push(chunk)
  expect(Buffer.concat(part).equals(Buffer.from(whole ?? []).subarray(1_234_567, 2_345_678))).toBe(
    true,
  )
})

test('a stream that changes between its two readings leaves nothing behind', async () => {
  const files = new MemoryFiles()
  const store = await open(files)
  await store.addItems('video', [{ bytes: Buffer.from('before') }])
  let reading = 0
  const source = { open: () => chunks(30, String(reading++)) }
  await expect(store.addStream('video', source)).rejects.toMatchObject({ code: 'IO_FAILED' })
  await store.addItems('video', [{ bytes: Buffer.from('after') }])
  await store.sync()
  expect(files.size('/segments/video/000001.tar')).toBe(2048)
  await store.close()
  expect(await (await open(files)).read([digestOf('before'), digestOf('after')])).toHaveLength(2)
})

test('callers at the same time share one durable write, and each is told its own place', async () => {
  const files = new RecordingFiles()
  const store = await open(files)
  await store.appendRecords([Buffer.from('first')])
  const before = files.log.filter(({ kind }) => kind === 'fsync').length
  const texts = Array.from({ length: 20 }, (_, i) => Buffer.from(`record ${i}`))
  const places = await Promise.all(texts.map((text) => store.appendRecords([text])))
  expect(places.map(({ sequence }) => sequence)).toEqual(texts.map((_, i) => i + 2))
  expect(files.log.filter(({ kind }) => kind === 'fsync').length).toBe(before + 1)
})

test('a lane reads back in the order of adding, wherever the windows of the reader cut it', async () => {
  const files = new MemoryFiles()
  const store = await open(files)
  const window = 1 << 20
  const around = [-513, -512, -511, 0, 1, 512].map((more) => window - 512 + more)
  const sizes = [10, 3_000_000, 0, 700, ...around, 2_000_000, 5, window - 4096, 3000, 3000, 60]
  const items = sizes.map((size, i) => ({ bytes: Buffer.alloc(size + 1, `${i}.`) }))
  await store.addItems('mixed', items)
  await store.sync()
  const read: string[] = []
  for await (const batch of store.readLane('mixed')) {
    for (const { digest, name, size, bytes } of batch) {
      expect(digestOf(bytes)).toBe(digest)
      expect(name).toBe(`${digest}.bin`)
      expect(size).toBe(bytes.length)
      read.push(digest)
    }
  }
  expect(read).toEqual(items.map(({ bytes }) => digestOf(bytes)))
})

test('a lane with a damaged header reads back up to it', async () => {
  const files = new MemoryFiles()
  const store = await open(files)
  const items = Array.from({ length: 9 }, (_, i) => ({ bytes: Buffer.alloc(900, String(i)) }))
  await store.addItems('mixed', items)
  await store.sync()
  files.files
    .get('/segments/mixed/000001.tar')
    ?.content()
    .writeUInt8(1, 4 * 1536 + 300)
  const read: string[] = []
  for await (const batch of store.readLane('mixed')) read.push(...batch.map(({ digest }) => digest))
  expect(read).toEqual(items.slice(0, 4).map(({ bytes }) => digestOf(bytes)))
})

test('reading an item that is not there says which', async () => {
  const store = await open(new MemoryFiles())
  const missing = digestOf('nowhere')
  await expect(store.read([missing])).rejects.toMatchObject({ code: 'ITEM_MISSING' })
  await expect(store.read([missing])).rejects.toThrow(missing)
})

test('a segment cut before what the index names is damage, and reading the rest goes on', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files)
  const items = sampleItems(3)
  await store.addItems('photos', items)
  await store.appendRecords([Buffer.from('one')])
  const photos = files.files.get('/segments/photos/000001.tar')
  photos?.resize(photos.size - 1024)
  const digests = digestsOf(items)
  await expect(store.read(digests.slice(2))).rejects.toMatchObject({
    code: 'STORE_DAMAGED',
    message: expect.stringContaining('photos/000001.tar') as string,
  })
  expect(await store.read(digests.slice(0, 1))).toHaveLength(1)
  await store.close()
})
