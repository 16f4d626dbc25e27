import { expect, test } from 'vitest'
import { digestOf, type Digest } from '../model/index.ts'
import { MemoryFiles, memoryObjects } from '../storage/index.ts'
import { crashStates, RecordingFiles } from '../storage/testing.ts'
import { repairSegments } from './repair.ts'
import { copyOf, findings, openOver } from './store.fixture.ts'
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
    if (!key.endsWith('.tar')) continue
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
  expect(await findings(store)).toEqual([])
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

const live = (...dead: Uint8Array[]) => {
  const gone = new Set(dead.map((bytes) => digestOf(bytes)))
  return (asked: readonly Digest[]) => asked.map((digest) => !gone.has(digest))
}

async function pictures(files: MemoryFiles, count: number) {
  const store = await openOver(files, { segmentBytes: 24 << 10 })
  for (let i = 0; i < count; i++) await store.addItems('web', sample(`${i}`, `${i}`))
  await store.appendRecords([Buffer.from('all')])
  return store
}

test('compaction keeps samples whole and in order, second copies of a caption too', async () => {
  const files = new MemoryFiles()
  const store = await pictures(files, 40)
  const dead = [0, 1, 7, 20].flatMap((i) => sample(`${i}`, `${i}`).slice(0, 2))
  const isLive = live(...dead.map(({ bytes }) => bytes))
  await store.compact({ isLive, dryRun: false })
  const kept = Array.from({ length: 40 }, (_, i) => i).filter((i) => ![0, 1, 7, 20].includes(i))
  const segments = await names(files)
  expect(segments.flat().toSorted()).toEqual(
    [...kept.flatMap((i) => whole(`${i}`)), lone('a cat')].toSorted(),
  )
  for (const [at, name] of segments.flat().entries())
    if (name.endsWith('.jpg'))
      expect(segments.flat().slice(at, at + 3)).toEqual(
        ['jpg', 'json', 'txt'].map((extension) => name.replace('jpg', extension)),
      )
  expect(await store.compact({ isLive, dryRun: true })).toMatchObject({ segments: 0 })
  expect(await findings(store)).toEqual([])
})

test('compaction renames what is left of a sample whose picture is dead', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files)
  await store.addItems('web', [...sample('one', 'a'), ...sample('two', 'b')])
  await store.compact({ isLive: live(media('one')), dryRun: false })
  expect((await names(files)).flat()).toEqual([lone('{"url":"a"}'), lone('a cat'), ...whole('two')])
})

test('compaction cut off at any instant leaves every part of every live sample readable', async () => {
  const files = new RecordingFiles()
  const store = await pictures(files, 12)
  const start = files.log.length
  const dead = [2, 5].flatMap((i) =>
    sample(`${i}`, `${i}`)
      .slice(0, 2)
      .map(({ bytes }) => bytes),
  )
  const isLive = live(...dead)
  await store.compact({ isLive, dryRun: false })
  await store.close()
  const kept = Array.from({ length: 12 }, (_, i) => sample(`${i}`, `${i}`))
    .filter((_, i) => i !== 2 && i !== 5)
    .flat()
    .map(({ bytes }) => digestOf(bytes))
  let states = 0
  for (const state of crashStates(files.log, { seed: 5, limit: 300 })) {
    if (state.at < start) continue
    states++
    const again = await openOver(state.files)
    await again.compact({ isLive, dryRun: false })
    expect(await again.read(kept)).toHaveLength(kept.length)
    await again.close()
  }
  expect(states).toBeGreaterThan(50)
})

test('repair saves the columns of a lost picture under a name that makes no sample', async () => {
  for (const part of ['payload', 'header']) {
    const files = new MemoryFiles()
    const store = await pictures(files, 3)
    const [place] = await store.locate([digestOf(media('1'))])
    await store.close()
    const content = files.files.get('/segments/web/000001.tar')?.content()
    content?.writeUInt8(0xff, (place?.offset ?? 0) - (part === 'header' ? 500 : 0))
    const objects = memoryObjects(files)
    await repairSegments({ objects, indexPath: ':memory:', readData: true })
    expect((await names(files)).flat()).toEqual([
      ...whole('0'),
      lone('{"url":"1"}'),
      lone('a cat'),
      ...whole('2'),
    ])
    const again = await openOver(files)
    expect(await again.has([digestOf('{"url":"1"}'), digestOf(media('1'))])).toEqual([true, false])
    await again.close()
  }
})

test('a lane of samples cut at any block opens with exactly its whole members', async () => {
  const files = new MemoryFiles()
  const store = await openOver(files)
  for (let i = 0; i < 8; i++) await store.addItems('web', sample(`${i}`, `${i}`, `caption ${i}`))
  await store.sync()
  await store.close()
  const [all = []] = await names(files)
  const path = '/segments/web/000001.tar'
  for (let size = 0; size <= (files.size(path) ?? 0); size += 256) {
    const cut = copyOf(files)
    cut.files.get(path)?.resize(size)
    await (await openOver(cut)).close()
    expect((await names(cut)).flat()).toEqual(all.slice(0, Math.floor(size / 1024)))
  }
})
