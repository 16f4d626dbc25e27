import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import { systemRandom } from '../util/index.ts'
import { eventBusContract } from './event-bus.contract.ts'
import { factMaker } from './fact.ts'
import { memoryEventBus } from './memory.ts'
import { sqliteEventBus } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-bus-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const file = () => join(folder, `${++files}.sqlite`)

eventBusContract('memory', async () => memoryEventBus())
eventBusContract('sqlite', async () => sqliteEventBus(file()))

describe('the SQLite bus', () => {
  test('shows another connection what was published, with its positions', async () => {
    const path = file()
    const [writer, reader] = [sqliteEventBus(path), sqliteEventBus(path)]
    const fact = factMaker('/test', { now: () => 0 }, systemRandom)({ type: 'job.created' })
    await writer.publish('jobs', [{ fact }, { fact }])
    await writer.acknowledge({ topic: 'jobs', group: 'g' }, 1)
    expect(await reader.read({ topic: 'jobs', group: 'g' }, 10)).toEqual([{ offset: 2, fact }])
    await writer.close()
    await reader.close()
  })

  test('refuses a file written by a newer format and leaves it as it is', () => {
    const path = file()
    const db = new DatabaseSync(path)
    db.exec('PRAGMA user_version = 99')
    db.close()
    expect(() => sqliteEventBus(path)).toThrow(/format 99/)
  })
})
