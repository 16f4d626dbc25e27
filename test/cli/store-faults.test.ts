import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CliRig } from './cli.fixture.ts'

let rig: CliRig

beforeEach(async () => {
  rig = new CliRig()
  await rig.must(['init'])
  await rig.must(['create', 'repo', 'r'])
}, 60_000)
afterEach(() => rig.dispose())

const inStore = (name: string): string => join(rig.folder, '.varve', name)

test.each([
  ['catalog', 'catalog.sqlite', 'rebuilt from the records, nothing is lost'],
  ['index', 'index.sqlite', 'rebuilt from the segments, nothing is lost'],
])('a damaged %s is rebuilt, and the user hears of it', async (_, file, told) => {
  for (const suffix of ['-wal', '-shm']) rmSync(inStore(file + suffix), { force: true })
  writeFileSync(inStore(file), 'this is no database '.repeat(1000))
  const { code, stderr } = await rig.call(['create', 'repo', 'second'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(told) as string })
  expect(await rig.call(['list', 'repo'])).toMatchObject({ code: 0, stderr: '' })
})

test('a catalog the system refuses to open is named with a code, and reading goes on', async () => {
  for (const suffix of ['', '-wal', '-shm'])
    rmSync(inStore(`catalog.sqlite${suffix}`), { force: true })
  mkdirSync(inStore('catalog.sqlite'))
  const { code, stderr } = await rig.call(['create', 'repo', 'second'])
  expect(stderr).toContain('[IO_FAILED]')
  expect(stderr).toContain(inStore('catalog.sqlite'))
  expect(code).toBe(7)
  expect(await rig.must(['list', 'repo'])).toMatch(/^r /m)
})

test('a scratch folder that is none is named with what to do', async () => {
  rmSync(inStore('tmp'), { recursive: true })
  writeFileSync(inStore('tmp'), '')
  const { code, stderr } = await rig.call(['create', 'repo', 'second'])
  expect(stderr).toMatch(/\.varve\/tmp cannot be used.*\[IO_FAILED\]/)
  expect(stderr).toContain('next: Delete it')
  expect(code).toBe(7)
})
