import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestJobs, shellSpec, upperSpec, type TestJobs } from './jobs.fixture.ts'

let t: TestJobs
beforeEach(async () => {
  t = await openTestJobs()
  await t.store.repos.create('tools')
})
afterEach(() => t.close())

const put = (path: string, executable: boolean) =>
  t.store.files.put('tools@master', [
    { kind: 'bytes', path, bytes: Buffer.from('echo hi'), executable },
  ])
const counters = async () => (await t.run()).map((job) => job.counters)

/** Writes for each input, a file or a directory, how many executable files it saw. */
const count = (glob: string) =>
  shellSpec(
    'count',
    'tools',
    ['find "$tools" -type f -perm -u+x | wc -l | tr -d " " > /pfs/out/$(basename "$tools")'],
    { input: { pfs: { repo: 'tools', glob } } },
  )

describe.each([
  ['a file', '/*', 'run', 'run'],
  ['a file below a directory that is the datum', '/dir*', 'dir/bin/run', 'dir'],
])('%s that gets or loses its executable bit', (_, glob, path, datum) => {
  beforeEach(async () => {
    await put(path, false)
    await put('dir2/other', false)
    await t.create(count(glob))
    expect(await counters()).toMatchObject([{ processed: 2, total: 2 }])
    expect(await t.output('count')).toMatchObject({ [datum]: '0\n', dir2: '0\n' })
  })

  test('runs its datum again and no other, and then not again', async () => {
    await put(path, true)
    expect(await counters()).toMatchObject([{ processed: 1, cached: 0, skipped: 1 }])
    expect(await t.output('count')).toMatchObject({ [datum]: '1\n', dir2: '0\n' })
    await put(path, true)
    expect((await counters()).filter(({ processed }) => processed > 0)).toEqual([])
  })

  test('finds the result of before in the cache when the bit goes again', async () => {
    await put(path, true)
    await t.run()
    await put(path, false)
    expect(await counters()).toMatchObject([{ processed: 1, cached: 1, skipped: 1 }])
    expect(await t.output('count')).toMatchObject({ [datum]: '0\n' })
  })

  test('is seen where all datums are compared because the list of them changed', async () => {
    await put(path, true)
    await t.update(count(`${glob}{,.none}`))
    expect(await counters()).toMatchObject([{ processed: 1, cached: 0, skipped: 1 }])
    expect(await t.output('count')).toMatchObject({ [datum]: '1\n' })
  })
})

test('a link to an executable file follows its bit', async () => {
  await put('run', false)
  await t.create(shellSpec('link', 'tools', ['ln -s "$tools" /pfs/out/run']))
  await t.run()
  await put('run', true)
  await t.run()
  expect(await t.store.files.inspect('link@master', 'run')).toMatchObject({ executable: true })
})

test('operators are given the same files as before', async () => {
  await put('run', true)
  await t.create(upperSpec('up', 'tools'))
  expect(await counters()).toMatchObject([{ processed: 1, failed: 0 }])
  expect(await t.output('up')).toEqual({ run: 'ECHO HI' })
  await put('other', false)
  expect(await counters()).toMatchObject([{ processed: 1, skipped: 1 }])
  expect(t.calls.count).toBe(2)
})
