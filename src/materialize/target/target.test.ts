import { execFileSync, spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import {
  digestsBelow,
  openOnDisk,
  openTestData,
  photos,
  putFiles,
  type TestData,
} from '../materialize.fixture.ts'
import type { MaterializeOptions, MaterializeReport } from '../types.ts'
import { TargetFolder } from './target-folder.ts'

let data: TestData
beforeEach(async () => {
  data = await openTestData()
  await data.put(photos(25))
})
afterEach(() => data.close())

function materialize(options: Partial<MaterializeOptions> = {}) {
  const fixed = { commit: 'data@master', target: data.folder, format: 'webdataset' } as const
  return data.materializer.materialize({ ...fixed, shardSamples: 10, ...options })
}

const at = (name: string) => join(data.folder, name)

test('a file in the way that we did not write is named, with the flag, and left as it is', async () => {
  mkdirSync(data.folder)
  writeFileSync(at('000001.tar'), 'mine')
  await expect(materialize()).rejects.toMatchObject({
    code: 'TARGET_FOREIGN',
    data: { path: at('000001.tar'), flag: '--overwrite' },
  })
  expect(readFileSync(at('000001.tar'), 'utf8')).toBe('mine')
  expect(await materialize({ overwrite: true })).toMatchObject({ shards: 3, kept: 1 })
  expect(readFileSync(at('000001.tar')).length).toBeGreaterThan(1000)
})

test('what another kind of run wrote is foreign', async () => {
  await materialize({ shardName: 'a-%d.bin' })
  mkdirSync(at('b'))
  await expect(materialize({ shardName: 'a-%01d.bin' })).rejects.toMatchObject({
    code: 'TARGET_FOREIGN',
  })
})

test('a folder of ours with somebody else’s file in it is not replaced', async () => {
  await materialize({ format: 'files' })
  writeFileSync(at('000001/notes.md'), 'mine')
  await data.put({ 'photos/0011.txt': 'changed' })
  await expect(materialize({ format: 'files' })).rejects.toMatchObject({
    code: 'TARGET_FOREIGN',
    data: { path: at('000001/notes.md') },
  })
  rmSync(at('000001/notes.md'))
  expect(await materialize({ format: 'files' })).toMatchObject({ kept: 2 })
  expect(readFileSync(at('000001/photos/0011.txt'), 'utf8')).toBe('changed')
})

test('a shard cut short or gone is made again, the others stay', async () => {
  await materialize()
  const before = digestsBelow(data.folder)
  truncateSync(at('000000.tar'), 1000)
  rmSync(at('000002.tar'))
  expect(await materialize()).toMatchObject({ kept: 1 })
  expect(digestsBelow(data.folder)).toEqual(before)
})

test('a journal with a torn last line is read up to it', async () => {
  await materialize()
  const journal = readdirSync(at('.varve-materialize')).find((name) => name.endsWith('.jsonl'))
  appendFileSync(at(`.varve-materialize/${journal}`), '{"part":{"name":"0000')
  expect(await materialize()).toMatchObject({ kept: 3 })
})

test('two runs into one folder: the second is refused', async () => {
  const options = { folder: data.folder, view: '%06d.tar', overwrite: false }
  const first = await TargetFolder.open(options)
  await expect(materialize()).rejects.toMatchObject({ code: 'STORE_LOCKED' })
  await first.close()
  expect(await materialize()).toMatchObject({ shards: 3 })
})

test('a lock file that is none of ours, or cannot be opened, is named with what to do', async () => {
  mkdirSync(at('.varve-materialize'), { recursive: true })
  const lock = at('.varve-materialize/lock')
  const faults = [
    [() => writeFileSync(lock, 'no database, whatever else it is'.repeat(100)), 'Delete the file'],
    [() => mkdirSync(lock), 'may write'],
  ] as const
  for (const [make, next] of faults) {
    rmSync(lock, { recursive: true, force: true })
    make()
    const fault: unknown = await materialize().catch((error: unknown) => error)
    expect(fault).toMatchObject({ code: 'IO_FAILED', data: { path: lock } })
    expect(fault).toMatchObject({
      message: expect.stringContaining(lock) as string,
      next: expect.stringContaining(next) as string,
      cause: expect.objectContaining({ code: 'ERR_SQLITE_ERROR' }) as Error,
    })
  }
  rmSync(lock, { recursive: true })
  expect(await materialize()).toMatchObject({ shards: 3 })
})

test('an interrupted run keeps its whole shards and the next goes on', async () => {
  const controller = new AbortController()
  const progress = () => controller.abort()
  await expect(materialize({ signal: controller.signal, progress })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
  expect(Object.keys(digestsBelow(data.folder))).toEqual(['000000.tar'])
  expect(await materialize()).toMatchObject({ shards: 3, kept: 1 })
})

test('an interruption in the middle of a shard is heard, and nothing of it stays', async () => {
  const controller = new AbortController()
  const read = data.store.content.read.bind(data.store.content)
  data.store.content.read = (digests) => {
    controller.abort()
    return read(digests)
  }
  await expect(materialize({ signal: controller.signal })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
  expect(digestsBelow(data.folder)).toEqual({})
  data.store.content.read = read
})

test('a target that cannot be written says which', async () => {
  writeFileSync(data.folder, 'a file')
  await expect(materialize()).rejects.toMatchObject({ code: 'IO_FAILED' })
  rmSync(data.folder)
})

const script = new URL('../materialize-process.fixture.ts', import.meta.url).pathname

/** Runs the process fixture; kills it when it has told of `killAfter` shards. */
async function runProcess(store: string, target: string, kill: { format: string; after?: number }) {
  const child = spawn(process.execPath, [script, store, target, kill.format], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let report: MaterializeReport | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === `shard ${kill.after}`) child.kill('SIGKILL')
    if (line.startsWith('done ')) report = JSON.parse(line.slice(5)) as MaterializeReport
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return report
}

for (const [format, kills] of [
  ['webdataset', [1, 6]],
  ['files', [5]],
] as const) {
  test(`${format}: killed in the middle, the shards come out as from one run`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'varve-kill-'))
    const store = join(folder, 'store')
    mkdirSync(store)
    const disk = await openOnDisk(store, 'write')
    await disk.store.repos.create('data')
    await putFiles(disk.store, photos(400, 20_000))
    const target = join(folder, 'killed')
    for (const after of kills) await runProcess(store, target, { format, after })
    const shards = readdirSync(target).filter((name) => /^\d+(\.tar)?$/.test(name))
    expect(shards.length).toBeGreaterThanOrEqual(5)
    const report = await runProcess(store, target, { format })
    expect(report?.shards).toBe(20)
    expect(report?.kept).toBeGreaterThanOrEqual(5)
    const straight = join(folder, 'straight')
    await disk.materializer.materialize({
      commit: 'data@master',
      target: straight,
      format,
      shardSamples: 20,
      sidecars: format === 'webdataset' ? ['dali', 'wids', 'parquet'] : [],
    })
    expect(digestsBelow(target)).toEqual(digestsBelow(straight))
    expect(existsSync(join(target, '.varve-materialize/tmp'))).toBe(false)
    await disk.close()
    rmSync(folder, { recursive: true })
  }, 60_000)
}

/** A file system of two megabytes; undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'varve-small-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'ignore' })
    return folder
  } catch {
    rmSync(folder, { recursive: true })
    return undefined
  }
}

const disk = smallDisk()
afterAll(() => {
  if (disk === undefined) return
  execFileSync('umount', [disk])
  rmSync(disk, { recursive: true })
})

for (const format of ['webdataset', 'files', 'parquet'] as const) {
  test.skipIf(disk === undefined && process.env['VARVE_REQUIRE_ALL'] !== '1')(
    `${format}: a full disk stops the run, whole shards stay, and the next run goes on (needs root to mount a tmpfs)`,
    async () => {
      if (disk === undefined) throw new Error('a small tmpfs cannot be mounted here')
      const target = join(disk, format)
      const images = Object.entries(photos(40, 100_000)).filter(([path]) => path.endsWith('.jpg'))
      await data.put(Object.fromEntries(images.map(([path, bytes]) => [path, noise(bytes)])))
      const match = { prefix: 'photos/', matches: (path: string) => path.endsWith('.jpg') }
      const options = { target, format, shardSamples: 4, match }
      await expect(materialize(options)).rejects.toMatchObject({ code: 'DISK_FULL' })
      const whole = readdirSync(target).filter((name) => /^\d/.test(name))
      expect(whole.length).toBeGreaterThanOrEqual(2)
      expect(existsSync(join(target, '.varve-materialize/tmp'))).toBe(false)
      execFileSync('mount', ['-o', 'remount,size=30m', disk])
      expect(await materialize(options)).toMatchObject({ shards: 10, kept: whole.length })
      const straight = join(data.folder, 'straight')
      await materialize({ ...options, target: straight })
      expect(digestsBelow(target)).toEqual(digestsBelow(straight))
      rmSync(target, { recursive: true })
      execFileSync('mount', ['-o', 'remount,size=2m', disk])
    },
  )
}

/** Bytes that no compression makes smaller. */
function noise(bytes: string | Uint8Array): Uint8Array {
  return randomFillSync(Buffer.alloc(bytes.length))
}
