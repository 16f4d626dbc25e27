import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { eventBusContract } from './event-bus.contract.ts'
import { memoryEventBus } from './memory.ts'
import { sqliteEventBus } from './sqlite/sqlite-bus.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-bus-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

function handClock() {
  let now = 1_700_000_000_000
  return { now: () => now, elapse: async (ms: number) => void (now += ms) }
}

eventBusContract('memory', async () => {
  const clock = handClock()
  const bus = memoryEventBus({ clock })
  return { connect: async () => bus, elapse: clock.elapse }
})

eventBusContract('sqlite', async () => {
  const clock = handClock()
  const path = join(folder, `${++files}.sqlite`)
  return { connect: async () => sqliteEventBus(path, { clock }), elapse: clock.elapse }
})
