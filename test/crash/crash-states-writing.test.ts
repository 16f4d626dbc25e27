import { afterAll, describe, expect, test } from 'vitest'
import { checkStates } from './check-states.fixture.ts'
import { worldCheck } from './check-world.fixture.ts'
import { recordHistory } from './history.fixture.ts'
import { statesInAll, statesToCheck } from './state-counts.fixture.ts'
import { adding, merging } from './steps.fixture.ts'

const longest = 600_000

describe('after a power cut at any instant every acknowledged commit is there, and no half of one', () => {
  let states = 0

  test('while files are added and committed', { timeout: longest }, async () => {
    const history = await recordHistory('add and commit', adding)
    states += await checkStates(history, { disks: 11_000, check: worldCheck() })
  })

  test('while branches are merged, dropped and deleted', { timeout: longest }, async () => {
    const history = await recordHistory('merge', merging)
    states += await checkStates(history, { disks: 11_000, check: worldCheck() })
  })

  afterAll(() => {
    console.log(`crash states while writing: ${states}`)
    expect(states).toBeGreaterThanOrEqual(statesToCheck.writing)
  })
})

test('a disk that forgets what was synced is found out', async () => {
  const history = await recordHistory('forgetful', adding)
  for (const kind of ['fsync', 'syncDirectory']) {
    const log = history.log.filter((op) => op.kind !== kind)
    const checking = checkStates({ ...history, log }, { disks: 400, check: worldCheck() })
    await expect(checking, kind).rejects.toThrow('seed')
  }
})

test('one run of the tests looks at 20,000 crash states', () => {
  expect(statesInAll).toBeGreaterThanOrEqual(20_000)
})
