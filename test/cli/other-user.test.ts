import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CliRig } from './cli.fixture.ts'

const uid = 65_534
const isRoot = process.getuid?.() === 0

describe.skipIf(!isRoot)(isRoot ? 'another user' : 'another user (skipped: needs root)', () => {
  const rig = new CliRig()

  beforeAll(async () => {
    await rig.must(['init'])
    await rig.must(['create', 'repo', 'a'])
    await rig.must(['put', 'file', 'a@master:f'], { input: 'content' })
    for (const name of ['', '.varve']) chmodSync(join(rig.folder, name), 0o755)
  }, 120_000)
  afterAll(() => rig.dispose())

  test.each(
    ['get file a@master:f', 'list repo', 'status', 'log a@master', 'plan', 'fsck --read-data'].map(
      (line) => [line],
    ),
  )('without write rights reads: `%s`', async (line) => {
    expect(await rig.call(line.split(' '), { uid })).toMatchObject({ code: 0, stderr: '' })
  })

  test.each(
    ['create repo b', 'put file a@master:g', 'run', 'gc', 'reindex', 'apply'].map((line) => [line]),
  )('is told whose the project is and what to do, and nothing changes: `%s`', async (line) => {
    const before = rig.storedBytes()
    const { code, stderr } = await rig.call(line.split(' '), { uid })
    expect(stderr).toMatch(/can be read and not written: .*\.varve belongs to user 0, and you are/)
    expect(stderr).toMatch(/\[IO_FAILED\]\n *next: Run the command as that user, have it give/)
    expect(code).toBe(7)
    expect(rig.storedBytes()).toEqual(before)
  })

  test('sees with `doctor` what is lost, and all else as it is', async () => {
    const checks = JSON.parse((await rig.call(['doctor', '--json'], { uid })).stdout) as {
      name: string
      state: string
    }[]
    const notOk = checks.filter(({ state }) => state !== 'ok').map(({ name }) => name)
    const ofMachine = new Set(['sandbox', 'cgroups'])
    expect(notOk.filter((name) => !ofMachine.has(name))).toEqual(['access'])
  })

  test('is told when it may not even look, and not that there is no store', async () => {
    const store = join(rig.folder, '.varve')
    chmodSync(store, 0o700)
    const { code, stderr } = await rig.call(['list', 'repo'], { uid })
    chmodSync(store, 0o755)
    expect({ code, stderr }).toEqual({
      code: 7,
      stderr: expect.stringContaining(`may not read ${store}`) as string,
    })
  })
})
