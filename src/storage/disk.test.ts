import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DiskObjects } from './disk.ts'
import { memoryObjects } from './memory.ts'
import { objectStoreContract } from './object-store.contract.ts'
import { FaultyFiles, RecordingFiles } from './testing.ts'

objectStoreContract('a directory', () => {
  return new DiskObjects(join(mkdtempSync(join(tmpdir(), 'varve-objects-')), 'root'))
})
objectStoreContract('memory', () => memoryObjects())

async function untilFailure(operation: number, code: 'EIO' | 'ENOSPC') {
  const files = new FaultyFiles({ operation, code })
  const appender = await new DiskObjects('/', files).openAppender('k')
  await appender.append(Buffer.from('abc'))
  return appender
}

test('after a failed sync an appender is unusable for good', async () => {
  const appender = await untilFailure(5, 'EIO')
  await expect(appender.sync()).rejects.toThrow('EIO')
  await expect(appender.sync()).rejects.toThrow('an earlier fsync failed')
  await expect(appender.append(Buffer.from('x'))).rejects.toThrow('an earlier fsync failed')
})

/** Files whose flushes end when told to. */
class FlushedFiles extends RecordingFiles {
  readonly flushes: PromiseWithResolvers<void>[] = []
  readonly steps: string[] = []

  async flush(): Promise<void> {
    const flush = Promise.withResolvers<void>()
    this.flushes.push(flush)
    await flush.promise
  }

  override fsync(fd: number): void {
    this.steps.push('fsync')
    super.fsync(fd)
  }

  override close(fd: number): void {
    this.steps.push('close')
    super.close(fd)
  }
}

const chunk = Buffer.alloc(9 * 1024 * 1024)

test('what many appends wrote is brought to disk meanwhile, and a sync or a close waits for that', async () => {
  const files = new FlushedFiles()
  const appender = await new DiskObjects('/', files).openAppender('k')
  files.steps.length = 0
  for (let count = 0; count < 3; count += 1) await appender.append(chunk)
  expect(files.flushes).toHaveLength(1)
  const synced = appender.sync()
  await new Promise(setImmediate)
  expect(files.steps).toEqual([])
  files.flushes[0]?.resolve()
  await expect.poll(() => files.flushes.length).toBe(2)
  files.flushes[1]?.resolve()
  await synced
  expect(files.steps).toEqual(['fsync'])

  for (let count = 0; count < 2; count += 1) await appender.append(chunk)
  const closed = appender.close()
  await new Promise(setImmediate)
  expect(files.steps).toEqual(['fsync'])
  files.flushes[2]?.resolve()
  await closed
  expect(files.steps).toEqual(['fsync', 'close'])
})

test('when bytes could not be brought to disk meanwhile, nothing is said to be durable any more', async () => {
  const files = new FlushedFiles()
  const appender = await new DiskObjects('/', files).openAppender('k')
  for (let count = 0; count < 2; count += 1) await appender.append(chunk)
  files.flushes[0]?.reject(new Error('ENOSPC'))
  await expect(appender.sync()).rejects.toThrow('ENOSPC')
  await expect(appender.sync()).rejects.toThrow('an earlier fsync failed')
  await expect(appender.append(chunk)).rejects.toThrow('an earlier fsync failed')
})

test('an append that failed on a full disk may be made again at the same place', async () => {
  const files = new FaultyFiles({ operation: 4, code: 'ENOSPC' })
  const store = new DiskObjects('/', files)
  const appender = await store.openAppender('k')
  const failing = appender.append(Buffer.from('abcdef'))
  await expect(failing).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(appender.size).toBe(0)
  await appender.append(Buffer.from('abcdef'))
  expect(Buffer.from(await store.read('k', 0, 6)).toString()).toBe('abcdef')
})

test.each(['reads', 'appends'])(
  'timers and signals are heard while one awaits nothing but %s',
  async (what) => {
    const store = memoryObjects()
    const appender = await store.openAppender('k')
    await appender.append(Buffer.from('abc'))
    const timer = AbortSignal.timeout(1)
    const deadline = performance.now() + 5000
    while (!timer.aborted && performance.now() < deadline) {
      await (what === 'reads' ? store.read('k', 0, 3) : appender.append(Buffer.from('x')))
    }
    expect(timer.aborted).toBe(true)
  },
)
