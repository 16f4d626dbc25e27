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
const at = { topic: 't', group: 'g' }
const logOf = (name: string) => join(folder, `${name}.txt`)
const handled = (name: string): readonly number[] =>
  existsSync(logOf(name)) ? readFileSync(logOf(name), 'utf8').trim().split('\n').map(Number) : []

async function start(path: string, name: string, leaseMs: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, path, logOf(name), `${leaseMs}`], {
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

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('processes share the work; when one is killed another takes over, and nothing is missed', async () => {
  const path = join(folder, 'shared.sqlite')
  const bus = sqliteEventBus(path)
  const count = 3000
  const [first, second] = await Promise.all([start(path, 'first', 900), start(path, 'second', 900)])
  await bus.publish('t', many(count, count))
  await until(() => handled('first').length > 200 && handled('second').length > 200)
  await kill(first)
  const { length: before } = handled('first')
  await until(async () => (await bus.lag(at)) === 0)
  await kill(second)
  const [one, two] = [handled('first'), handled('second')]
  expect(one).toHaveLength(before)
  const all = [...one, ...two]
  expect(new Set(all).size).toBe(count)
  // Only what was between handling and commit comes twice: one poll of the process that was killed.
  expect(all.length - count).toBeLessThanOrEqual(40)
  expect(two.length).toBeGreaterThan(count / 2)
  await bus.close()
}, 60_000)

test('a process that is killed and started again goes on at once, whatever its lease', async () => {
  const path = join(folder, 'restarted.sqlite')
  const bus = sqliteEventBus(path)
  const count = 2000
  await bus.publish('t', many(count, count))
  for (let run = 1; run <= 4; run += 1) {
    const child = await start(path, 'restarted', 3_600_000)
    await until(() => new Set(handled('restarted')).size >= (run * count) / 5)
    await kill(child)
  }
  await expect(bus.forget(at)).resolves.toBeUndefined()
  await bus.close()
}, 60_000)
