import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { DiskObjects } from '../storage/index.ts'
import { openSegmentStore, type DamagedRecord, type SegmentStore } from './index.ts'
import { repairSegments } from './repair.ts'
import { digestsOf, findings, recordTexts, sampleItems } from './store.fixture.ts'

const items = sampleItems(30)
let directory: string
const photos = () => join(directory, 'segments/photos/000001.tar')
const meta = () => join(directory, 'segments/meta/000001.tar')

const open = (mode: 'read' | 'write', rebuildIndex = false) =>
  openSegmentStore({
    objects: new DiskObjects(directory),
    indexPath: join(directory, 'index.sqlite'),
    lockDirectory: directory,
    mode,
    rebuildIndex,
  })

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'varve-damaged-'))
  const store = await open('write')
  await store.addItems('photos', items)
  for (const text of ['one', 'two', 'three']) await store.appendRecords([Buffer.from(text)])
  await store.close()
})

function cut(path: string, bytes: number): void {
  truncateSync(path, readFileSync(path).length - bytes)
}

async function tolerantly(
  store: SegmentStore,
): Promise<{ texts: string[]; damaged: DamagedRecord[] }> {
  const texts: string[] = []
  const damaged: DamagedRecord[] = []
  const onDamage = (one: DamagedRecord): void => void damaged.push(one)
  for await (const { bytes } of store.records(undefined, { onDamage }))
    texts.push(Buffer.from(bytes).toString())
  return { texts, damaged }
}

test('records that cannot be read are passed over by who listens, and stop who does not', async () => {
  cut(meta(), 512)
  const reader = await open('read')
  const { texts, damaged } = await tolerantly(reader)
  expect(texts).toEqual(['one', 'two'])
  expect(damaged).toMatchObject([{ sequence: 3, segment: 'segments/meta/000001.tar' }])
  await expect(recordTexts(reader)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  await reader.close()
})

test('an item in a segment that is cut or gone is damaged, read whole or streamed', async () => {
  const digest = digestsOf(items).at(-1)
  if (digest === undefined) throw new Error('no items')
  const streamed = async (store: SegmentStore) => {
    for await (const _ of store.stream(digest));
  }
  for (const spoil of [() => truncateSync(photos(), 1024), () => rmSync(photos())]) {
    spoil()
    const reader = await open('read')
    await expect(reader.read([digest])).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await expect(streamed(reader)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await reader.close()
  }
})

test('a check counts and names what a cut or missing segment held, and blames no index', async () => {
  truncateSync(photos(), 1024)
  const cutOff = await open('read')
  const found = await findings(cutOff)
  expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(['missing-bytes']))
  expect(found.filter(({ digest }) => digest !== undefined)).toHaveLength(items.length - 1)
  await cutOff.close()
  rmSync(photos())
  const missing = await open('read')
  const named = await findings(missing)
  expect(new Set(named.map(({ kind }) => kind))).toEqual(new Set(['missing-bytes']))
  expect(named[0]?.what).toBe('the file is missing; 30 items are lost with them')
  await missing.close()
})

for (const [how, spoil] of [
  ['the last record is cut', () => cut(meta(), 10)],
  ['the last record is flipped', () => flipLast()],
  ['the whole last record is gone', () => cut(meta(), 1024)],
  ['the segment is empty', () => truncateSync(meta(), 0)],
  ['the segment is gone', () => rmSync(meta())],
] as const) {
  test(`rebuilding the index hides no loss, and repair says what is lost: ${how}`, async () => {
    spoil()
    const index = readFileSync(join(directory, 'index.sqlite'))
    await expect(open('write', true)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    expect(readFileSync(join(directory, 'index.sqlite')).equals(index)).toBe(true)
    expect(existsSync(join(directory, 'index.sqlite.new'))).toBe(false)
    const { lostRecords, repaired } = await repairSegments({
      objects: new DiskObjects(directory),
      indexPath: join(directory, 'index.sqlite'),
      readData: true,
    })
    expect(lostRecords).toContain(3)
    expect(repaired.map(({ segment }) => segment)).toEqual(['segments/meta/000001.tar'])
    const again = await open('write', true)
    expect(again.recovery.damage).toEqual([])
    await again.appendRecords([Buffer.from('four')])
    expect(await recordTexts(again)).toEqual([
      ...['one', 'two', 'three'].filter((_, i) => !lostRecords.includes(i + 1)),
      'four',
    ])
    await again.close()
  })
}

function flipLast(): void {
  const bytes = readFileSync(meta())
  bytes.writeUInt8(0xff, bytes.lastIndexOf('three'))
  writeFileSync(meta(), bytes)
}

test('a reader whose index has no bytes, or garbage behind its first page, builds its own', async () => {
  const path = join(directory, 'index.sqlite')
  const whole = readFileSync(path)
  for (const bytes of [Buffer.alloc(0), Buffer.from(whole).fill(0x5a, 4096)]) {
    for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true })
    writeFileSync(path, bytes)
    const reader = await open('read')
    expect(await recordTexts(reader)).toEqual(['one', 'two', 'three'])
    expect(await reader.read(digestsOf(items))).toHaveLength(items.length)
    await reader.close()
    expect(readFileSync(path).equals(bytes)).toBe(true)
  }
})

test('a stream goes on at the new place when compaction moves its item meanwhile', async () => {
  const large = Buffer.alloc(5 << 20, 'large item ')
  const writer = await open('write')
  const { digest } = await writer.addStream('movies', {
    open: async function* () {
      yield large
    },
  })
  await writer.addItems('movies', sampleItems(1, 77))
  await writer.appendRecords([Buffer.from('four')])
  const objects = new DiskObjects(directory)
  const reader = await openSegmentStore({
    objects,
    indexPath: join(directory, 'index.sqlite'),
    mode: 'read',
  })
  const chunks: Uint8Array[] = []
  for await (const chunk of reader.stream(digest)) {
    chunks.push(chunk)
    if (chunks.length > 1) continue
    const kept = new Set<string>([digest, ...digestsOf(items)])
    const isLive = (digests: readonly string[]) => digests.map((one) => kept.has(one))
    const { segments } = await writer.compact({ isLive, dryRun: false })
    expect(segments).toBeGreaterThan(0)
    // Its file is gone, and what was open is closed: other segments were read in between.
    await objects.close()
  }
  expect(Buffer.concat(chunks).equals(large)).toBe(true)
  await reader.close()
  await writer.close()
})
