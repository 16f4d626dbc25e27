import { expect, test } from 'vitest'
import { Slots } from './slots.ts'

test('no more than the size runs at once, and all of it runs', async () => {
  const slots = new Slots(3)
  let now = 0
  let most = 0
  await slots.forEach(Array.from({ length: 20 }).keys(), async () => {
    now += 1
    most = Math.max(most, now)
    await new Promise((resolve) => setTimeout(resolve, 2))
    now -= 1
  })
  expect(most).toBe(3)
  expect(now).toBe(0)
})

test('the source is not pulled ahead of the work', async () => {
  const slots = new Slots(2)
  let pulled = 0
  let done = 0
  function* source(): Generator<number> {
    for (let at = 0; at < 10; at += 1) {
      pulled += 1
      yield at
    }
  }
  await slots.forEach(source(), async () => {
    expect(pulled - done).toBeLessThanOrEqual(2)
    await Promise.resolve()
    done += 1
  })
  expect(done).toBe(10)
})

test('the first rejection stops the pulling and reaches the caller after what runs has ended', async () => {
  const slots = new Slots(2)
  let started = 0
  const work = async (item: number): Promise<void> => {
    started += 1
    await Promise.resolve()
    if (item === 1) throw new Error('boom')
  }
  await expect(slots.forEach([0, 1, 2, 3, 4, 5, 6, 7], work)).rejects.toThrow('boom')
  expect(started).toBeLessThan(8)
})
