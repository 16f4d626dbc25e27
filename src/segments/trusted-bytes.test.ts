import { expect, test } from 'vitest'
import { digestOf, isVarveError } from '../model/index.ts'
import { MemoryFiles } from '../storage/index.ts'
import { findings, openOver, sampleItems } from './store.fixture.ts'

async function readCode(reading: Promise<unknown>): Promise<string | undefined> {
  try {
    await reading
    return undefined
  } catch (error) {
    return isVarveError(error) ? error.code : 'INTERNAL'
  }
}

test('a flipped byte of a payload comes back from an unchecked read and stops a checked one', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files)
  const items = sampleItems(20)
  const stored = await store.addItems('photos', items)
  await store.sync()
  const digests = stored.map(({ digest }) => digest)
  const at = 13
  const [place] = await store.locate(digests.slice(at, at + 1))
  const content = files.files.get('/segments/photos/000001.tar')?.content()
  const damaged = Buffer.from(items[at]?.bytes ?? '')
  damaged.writeUInt8((damaged[5] ?? 0) ^ 1, 5)
  content?.set(damaged, place?.offset)

  const unchecked = await store.read(digests, { unchecked: true })
  const expected = items.map(({ bytes }, i) => (i === at ? damaged : bytes))
  expect(unchecked.map((bytes) => Buffer.from(bytes))).toEqual(expected)
  expect(await readCode(store.read(digests))).toBe('STORE_DAMAGED')
  expect(await readCode(store.read(digests, { unchecked: false }))).toBe('STORE_DAMAGED')
  const others = digests.toSpliced(at, 1)
  expect(await readCode(store.read(others))).toBeUndefined()
  await store.close()
})

test('what is not stored is missing for an unchecked read too', async () => {
  const store = await openOver(new MemoryFiles())
  const missing = store.read([digestOf('never added')], { unchecked: true })
  expect(await readCode(missing)).toBe('ITEM_MISSING')
  await store.close()
})

test('a digest the caller has just computed names the item, as if we had', async () => {
  const [own, given] = await Promise.all(
    [false, true].map(async (isGiven) => {
      const files = new MemoryFiles()
      const store = await openOver(files)
      const items = sampleItems(10).map((item) => ({
        ...item,
        ...(isGiven && { digest: digestOf(item.bytes) }),
      }))
      await store.addItems('photos', items)
      await store.close()
      return files.files.get('/segments/photos/000001.tar')?.content()
    }),
  )
  expect(given).toBeDefined()
  expect(given).toEqual(own)
})

test('a wrong digest is believed when it is given; a checked read and a check of payloads find it', async () => {
  const store = await openOver(new MemoryFiles())
  const bytes = Buffer.from('these bytes')
  const wrong = digestOf('other bytes')
  const [right] = sampleItems(1)
  const added = await store.addItems('photos', [
    { bytes, digest: wrong },
    ...(right ? [right] : []),
  ])
  expect(added[0]).toEqual({ digest: wrong, size: bytes.length })
  await store.sync()

  expect(await store.has([wrong, digestOf(bytes)])).toEqual([true, false])
  expect(await readCode(store.read([wrong]))).toBe('STORE_DAMAGED')
  expect(await findings(store, false)).toEqual([])
  const found = await findings(store, true)
  expect(found).toMatchObject([{ kind: 'wrong-bytes', digest: wrong }])
  await store.close()
})
