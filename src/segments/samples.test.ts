import { expect, test } from 'vitest'
import { digestOf } from '../model/index.ts'
import { MemoryFiles, memoryObjects } from '../storage/index.ts'
import { openOver } from './store.fixture.ts'
import { SegmentScanner } from './segment-scanner.ts'
import type { NewItem } from './types.ts'

const media = (text: string): Buffer => Buffer.from(`picture ${text}`)
const keyOf = (text: string): string => digestOf(media(text))

/** A picture, its columns and its caption, as a service that fetches adds them. */
function sample(picture: string, url: string, caption = 'a cat'): NewItem[] {
  const key = keyOf(picture)
  return [
    { key, extension: 'jpg', bytes: media(picture) },
    { key, extension: 'json', bytes: Buffer.from(JSON.stringify({ url })) },
    { key, extension: 'txt', bytes: Buffer.from(caption) },
  ]
}

async function names(files: MemoryFiles, lane = 'web'): Promise<string[][]> {
  const segments = []
  const objects = memoryObjects(files)
  for (const { key, size } of await objects.list(`segments/${lane}/`)) {
    const found: string[] = []
    const scanner = new SegmentScanner(objects, key, { from: 0, to: size, checkFrom: 0 })
    for (let batch = await scanner.next(); batch; batch = await scanner.next())
      found.push(...batch.map(({ fileName }) => fileName))
    expect(scanner.stop?.kind).not.toBe('fault')
    segments.push(found)
  }
  return segments
}

const whole = (picture: string): string[] =>
  ['jpg', 'json', 'txt'].map((extension) => `${keyOf(picture)}.${extension}`)
const lone = (bytes: string): string => `__varve__/item/${digestOf(bytes)}`

test('members of a sample lie side by side under its key, each with its own digest', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files)
  const items = [...sample('one', 'a'), ...sample('two', 'b', 'a dog')]
  const stored = await store.addItems('web', items)
  await store.sync()
  expect(stored.map(({ digest }) => digest)).toEqual(items.map(({ bytes }) => digestOf(bytes)))
  expect(await names(files)).toEqual([[...whole('one'), ...whole('two')]])
  await store.close()
  const again = await openOver(files)
  expect(await again.read(stored.map(({ digest }) => digest))).toEqual(
    items.map(({ bytes }) => bytes),
  )
})

test('a new sample is written whole, though the store has its caption already', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files)
  await store.addItems('web', sample('one', 'a'))
  await store.addItems('web', sample('two', 'b'))
  await store.sync()
  expect(await names(files)).toEqual([[...whole('one'), ...whole('two')]])
  const found: unknown[] = []
  await store.verify({ readData: true, onFinding: (finding) => found.push(finding) })
  expect(found).toEqual([])
})

test('what is new of a sample whose picture is stored gets a name that makes no sample', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files)
  await store.addItems('web', [...sample('one', 'a'), ...sample('one', 'b')])
  await store.addItems('web', sample('one', 'c', 'a dog'))
  await store.sync()
  const others = [lone('{"url":"b"}'), lone('{"url":"c"}'), lone('a dog')]
  expect(await names(files)).toEqual([[...whole('one'), ...others]])
  await store.close()
  const again = await openOver(files)
  expect(await again.has([digestOf('{"url":"b"}'), digestOf('a dog')])).toEqual([true, true])
})

test('a sample is never cut in two by the end of a segment', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files, { segmentBytes: 8 << 10 })
  for (let i = 0; i < 20; i++) await store.addItems('web', sample(`${i}`, `${i}`))
  await store.sync()
  const segments = await names(files)
  expect(segments.length).toBeGreaterThan(5)
  for (const members of segments) expect(members.length % 3).toBe(0)
  expect(segments.flat()).toEqual(Array.from({ length: 20 }, (_, i) => whole(`${i}`)).flat())
})

test('a key that would be no plain name is refused', async () => {
  const store = await openOver(new MemoryFiles())
  for (const key of ['', 'a.b', 'a/b', 'ü', 'x'.repeat(81)])
    await expect(store.addItems('web', [{ key, bytes: media('x') }])).rejects.toThrow('called')
})
