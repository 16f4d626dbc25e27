import { afterAll, describe, expect, test } from 'vitest'
import type { FileOperation } from '../../src/storage/testing.ts'
import { checkStates, someStates } from './check-states.fixture.ts'
import { worldCheck } from './check-world.fixture.ts'
import { recordHistory } from './history.fixture.ts'
import { recordRecovery } from './recovery.fixture.ts'
import { statesToCheck } from './state-counts.fixture.ts'
import { adding, collecting, reindexing, renaming, replacing } from './steps.fixture.ts'

const longest = 600_000

function isPart(operation: FileOperation): boolean {
  return operation.kind === 'write' && Buffer.from(operation.bytes).includes('checkpoint.part')
}

describe('after a power cut at any instant every acknowledged commit is there, and no half of one', () => {
  let states = 0

  test('while garbage is collected', { timeout: longest }, async () => {
    const history = await recordHistory('gc', collecting)
    states += await checkStates(history, { disks: 8_000, check: worldCheck() })
  })

  test('while a checkpoint of many parts replaces records', { timeout: longest }, async () => {
    const history = await recordHistory('checkpoint', replacing, renaming)
    expect(history.log.filter(isPart).length).toBeGreaterThan(4)
    states += await checkStates(history, { disks: 1_500, check: worldCheck() })
  })

  test('while the index is rebuilt', { timeout: longest }, async () => {
    const history = await recordHistory('reindex', reindexing)
    states += await checkStates(history, { disks: 8_000, check: worldCheck() })
  })

  test('while a store recovers from another power cut', { timeout: longest }, async () => {
    for (const steps of [adding, collecting]) {
      const first = await recordHistory('first crash', steps)
      for (const [i, found] of someStates(first, 8).entries()) {
        const history = await recordRecovery(`second crash ${i}`, first, found)
        states += await checkStates(history, { disks: 190, check: worldCheck() })
      }
    }
  })

  afterAll(() => {
    console.log(`crash states while looking after a store: ${states}`)
    expect(states).toBeGreaterThanOrEqual(statesToCheck.upkeep)
  })
})
