import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { many } from '../event-bus.contract.ts'
import { sqliteEventBus } from './sqlite-bus.ts'

const folder = mkdtempSync(join(tmpdir(), 'varve-bus-processes-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const program = fileURLToPath(new URL('consumer-process.fixture.ts', import.meta.url))
const path = join(folder, 'bus.sqlite')
const logOf = (name: string) => join(folder, `${name}.txt`)
const handled = (name: string): readonly number[] =>
  existsSync(logOf(name)) ? readFileSync(logOf(name), 'utf8').trim().split('\n').map(Number) : []

async function start(name: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, path, logOf(name)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 1000; left > 0; left -= 1) {
    if (await done()) return
    await setTimeout(20)
  }
  throw new Error('it did not come to that')
}

test('processes share the work; when one is killed another takes over, and nothing is missed', async () => {
  const bus = sqliteEventBus(path)
  const count = 3000
  const [first, second] = await Promise.all([start('first'), start('second')])
  await bus.publish('t', many(count, count))
  await until(() => handled('first').length > 200 && handled('second').length > 200)
  first.kill('SIGKILL')
  await once(first, 'exit')
  const { length: before } = handled('first')
  await until(async () => (await bus.lag({ topic: 't', group: 'g' })) === 0)
  second.kill('SIGKILL')
  await once(second, 'exit')
  const [one, two] = [handled('first'), handled('second')]
  expect(one).toHaveLength(before)
  const all = [...one, ...two]
  expect(new Set(all).size).toBe(count)
  // Only what was between handling and commit comes twice: one poll of the process that was killed.
  expect(all.length - count).toBeLessThanOrEqual(40)
  expect(two.length).toBeGreaterThan(count / 2)
  await bus.close()
}, 60_000)
