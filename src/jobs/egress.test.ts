import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { killJobs } from './propagation.ts'
import { ended, openTestJobs, shellSpec, upperSpec, type TestJobs } from './jobs.fixture.ts'

let t: TestJobs
let root: string
let folder: string
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'varve-egress-'))
  folder = join(root, 'out')
  t = await openTestJobs()
  await t.store.repos.create('texts')
  await t.put('texts', { a: 'one', b: 'two', c: 'three' })
})
afterEach(async () => {
  await t.close()
  rmSync(root, { recursive: true })
})

const to = (place: string) => ({ egress: { URL: pathToFileURL(place).href } })

function files(): Record<string, string> {
  if (!existsSync(folder)) return {}
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const paths = found.filter((path) => statSync(join(folder, path)).isFile())
  return Object.fromEntries(paths.sort().map((path) => [path, text(path)]))
}

const text = (path: string): string => readFileSync(join(folder, path), 'utf8')

describe('egress', () => {
  test('writes what changed, deletes what is gone, and leaves the rest untouched', async () => {
    await t.create(upperSpec('up', 'texts', to(folder)))
    const states: string[] = []
    for await (const { type, ...event } of t.jobs.run()) {
      if (type === 'job.progress' && 'job' in event) states.push(event.job.state)
    }
    expect(states.at(-1)).toBe('egressing')
    expect(files()).toEqual({ a: 'ONE', b: 'TWO', c: 'THREE' })
    const untouched = statSync(join(folder, 'a')).ino
    writeFileSync(join(folder, 'mine'), 'not of the output')
    await t.put('texts', { b: 'zwei' })
    await t.store.files.delete('texts@master', ['c'])
    await t.run()
    expect(files()).toEqual({ a: 'ONE', b: 'ZWEI', mine: 'not of the output' })
    expect(statSync(join(folder, 'a')).ino).toBe(untouched)
  })

  test('does not overwrite what it did not write, and says what is in the way', async () => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'b'), 'mine')
    await t.create(upperSpec('up', 'texts', to(folder)))
    const [job] = await t.run()
    expect(job?.state).toBe('failure')
    expect(job?.reason).toContain(`did not write ${join(folder, 'b')}`)
    expect(text('b')).toBe('mine')
    rmSync(join(folder, 'b'))
    await t.jobs.pipelines.rerun('up')
    expect(await t.run()).toMatchObject([{ state: 'success', counters: { cached: 3 } }])
    expect(files()).toEqual({ a: 'ONE', b: 'TWO', c: 'THREE' })
  })

  test('neither overwrites nor deletes a file of its own that somebody edited since', async () => {
    await t.create(upperSpec('up', 'texts', to(folder)))
    await t.run()
    writeFileSync(join(folder, 'c'), 'edited')
    await t.store.files.delete('texts@master', ['c'])
    expect(await t.run()).toMatchObject([{ state: 'success' }])
    expect(text('c')).toBe('edited')
    writeFileSync(join(folder, 'b'), 'edited')
    await t.put('texts', { b: 'zwei' })
    expect(await t.run()).toMatchObject([{ state: 'failure' }])
    expect(text('b')).toBe('edited')
  })

  test('takes up what a try that was cut short left behind, also for another output', async () => {
    // A folder stands where the second file belongs: the first is written, then the job fails.
    mkdirSync(join(folder, 'b'), { recursive: true })
    await t.create(upperSpec('up', 'texts', to(folder)))
    expect(await t.run()).toMatchObject([{ state: 'failure' }])
    expect(files()).toEqual({ a: 'ONE' })
    rmSync(join(folder, 'b'), { recursive: true })
    await t.put('texts', { a: 'eins' })
    t = await t.reopen({ withoutCatalog: true })
    expect(await t.run()).toMatchObject([{ state: 'success' }])
    expect(files()).toEqual({ a: 'EINS', b: 'TWO', c: 'THREE' })
  })

  test('a new place gets the whole output although nothing else changed', async () => {
    await t.create(upperSpec('up', 'texts', to(join(root, 'first'))))
    await t.run()
    await t.update(upperSpec('up', 'texts', to(folder)))
    expect(await t.run()).toMatchObject([{ state: 'success', counters: { processed: 0 } }])
    expect(files()).toEqual({ a: 'ONE', b: 'TWO', c: 'THREE' })
    rmSync(folder, { recursive: true })
    await t.put('texts', { a: 'eins' })
    await t.run()
    expect(files()).toEqual({ a: 'EINS', b: 'TWO', c: 'THREE' })
  })

  test('a file may become a folder and back, and files stay executable', async () => {
    const lines = ['cd /pfs/out && sh "$texts"']
    await t.store.files.delete('texts@master', ['b', 'c'])
    await t.put('texts', { a: 'echo 1 > x; chmod +x x' })
    await t.create(shellSpec('p', 'texts', lines, to(folder)))
    await t.run()
    expect(statSync(join(folder, 'x')).mode & 0o111).not.toBe(0)
    await t.put('texts', { a: 'mkdir x; echo 2 > x/y' })
    await t.run()
    expect(files()).toEqual({ 'x/y': '2\n' })
    await t.put('texts', { a: 'echo 3 > x' })
    await t.run()
    expect(files()).toEqual({ x: '3\n' })
  })

  test('tries again while the disk refuses', async () => {
    writeFileSync(join(root, 'out'), 'a file where the folder belongs')
    await t.create(upperSpec('up', 'texts', to(folder)))
    const run = ended(t.jobs.run())
    await new Promise((resolve) => setTimeout(resolve, 700))
    rmSync(folder)
    expect(await run).toMatchObject([{ state: 'success' }])
    expect(files()).toEqual({ a: 'ONE', b: 'TWO', c: 'THREE' })
  })

  test('does not begin for a job that is stopped as its last datum ends', async () => {
    await t.create(upperSpec('up', 'texts', to(folder)))
    let stopping: Promise<unknown> | undefined
    for await (const event of t.jobs.run()) {
      if (event.type !== 'job.progress' || event.job.counters.processed < 3) continue
      const { job } = event
      stopping ??= t.store.transact((tx) => killJobs(tx, [job], 'stopped elsewhere'))
    }
    await stopping
    expect(t.jobs.inspect('up')).toMatchObject({ state: 'killed', reason: 'stopped elsewhere' })
    expect(files()).toEqual({})
  })

  test('ends with the job when that is stopped meanwhile', async () => {
    writeFileSync(join(root, 'out'), 'a file where the folder belongs')
    await t.create(upperSpec('up', 'texts', to(folder)))
    for await (const event of t.jobs.run()) {
      if (event.type === 'job.progress' && event.job.state === 'egressing') {
        await t.jobs.stop(event.job)
      }
    }
    expect(t.jobs.inspect('up')).toMatchObject({ state: 'killed' })
  })
})
