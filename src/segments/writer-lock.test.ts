import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../util/index.ts'
import { WriterLock } from './writer-lock.ts'

const lockModule = new URL('writer-lock.ts', import.meta.url).href
const holder = `
const { WriterLock } = await import(process.argv[1])
globalThis.lock = WriterLock.take(process.argv[2], { now: () => 1700000000000 })
console.log('held')
setInterval(() => {}, 1000)
`

async function holdInOtherProcess(directory: string) {
  const arguments_ = ['--input-type=module', '-e', holder, lockModule, directory]
  const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

test('a second process is refused at once and told who writes', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'varve-lock-'))
  const child = await holdInOtherProcess(directory)
  try {
    expect(() => WriterLock.take(directory, systemClock)).toThrow(`process ${child.pid}`)
    expect(() => WriterLock.take(directory, systemClock)).toThrow('2023-11-14T22:13:20')
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

test('the lock of a killed process is free, whatever note it left', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'varve-lock-'))
  const child = await holdInOtherProcess(directory)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(existsSync(join(directory, 'writer.json'))).toBe(true)
  const lock = WriterLock.take(directory, systemClock)
  lock.release()
  expect(existsSync(join(directory, 'writer.json'))).toBe(false)
})

test('one process cannot take the lock twice, and can take it again after letting go', () => {
  const directory = mkdtempSync(join(tmpdir(), 'varve-lock-'))
  const first = WriterLock.take(directory, systemClock)
  expect(() => WriterLock.take(directory, systemClock)).toThrow('is being written')
  first.release()
  WriterLock.take(directory, systemClock).release()
})
