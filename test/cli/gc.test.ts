import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVarve } from '../../src/index.ts'
import { CliRig } from './cli.fixture.ts'

const rig = new CliRig()

beforeAll(async () => {
  await rig.must(['init'])
  await using varve = await openVarve({ dir: rig.folder })
  await varve.repos.create('r')
  for (let i = 0; i < 200; i++) {
    await varve.repo('r').commit(async (tx) => tx.put('x', `${i} `.repeat(1000)))
  }
  await varve.repos.delete('r')
}, 120_000)

afterAll(() => rig.dispose())

test('a dry run only looks: it works while another process writes, and changes nothing', async () => {
  await using varve = await openVarve({ dir: rig.folder })
  const before = rig.storedBytes()
  const text = await rig.must(['gc', '--dry-run'])
  expect(text).toMatch(
    /^Would free .*: [\d,]+ items nothing refers to, \d+ records that one checkpoint replaces\./,
  )
  expect(rig.storedBytes()).toEqual(before)
  expect(varve.mode).toBe('write')
})

test('what a dry run promises is what is freed', async () => {
  const planned = (await rig.json(['gc', '--dry-run'])) as Record<string, unknown>
  const done = (await rig.json(['gc'])) as Record<string, unknown>
  expect(done).toEqual({ ...planned, dryRun: false })
  expect(await rig.must(['gc'])).toMatch(/^Freed 0B: 0 items nothing refers to\./)
})
