import { expect, test } from 'vitest'
import { Mutex } from './mutex.ts'

test('tasks run one after another in the order of arrival, whatever their length', async () => {
  const mutex = new Mutex()
  const order: string[] = []
  const slow = mutex.run(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10))
    order.push('slow')
  })
  const quick = mutex.run(async () => {
    order.push('quick')
  })
  await Promise.all([slow, quick])
  expect(order).toEqual(['slow', 'quick'])
})

test('a task that throws rejects its caller and does not stop the next one', async () => {
  const mutex = new Mutex()
  const failing = mutex.run(() => Promise.reject(new Error('boom')))
  const next = mutex.run(async () => 'fine')
  await expect(failing).rejects.toThrow('boom')
  await expect(next).resolves.toBe('fine')
})
