import { expect, test } from 'vitest'
import { BodyBuffer } from './body-buffer.ts'
import { BodyPool } from './body-pool.ts'

const mebibyte = 1024 * 1024

test('memory that came back is lent again, and only once', () => {
  const pool = new BodyPool(mebibyte)
  const first = pool.take(90_000)
  pool.give(first.subarray(0, 90_000))
  pool.give(first)
  const [second, third] = [pool.take(95_000), pool.take(95_000)]
  expect(second.buffer).toBe(first.buffer)
  expect(third.buffer).not.toBe(first.buffer)
})

test('memory of others is left alone', () => {
  const pool = new BodyPool(mebibyte)
  const own = Buffer.allocUnsafeSlow(128 * 1024)
  pool.give(own)
  expect(pool.take(128 * 1024).buffer).not.toBe(own.buffer)
})

test('beyond the limit memory is lent that is not shared, and not kept', () => {
  const pool = new BodyPool(112 * 1024)
  const [shared, own] = [pool.take(100_000), pool.take(100_000)]
  expect(shared.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect(own.buffer).toBeInstanceOf(ArrayBuffer)
  pool.give(own)
  pool.give(shared)
  expect(pool.take(100_000).buffer).toBe(shared.buffer)
})

test('at the limit a larger buffer that nobody uses does as well', () => {
  const pool = new BodyPool(512 * 1024)
  const large = pool.take(500_000)
  pool.give(large)
  expect(pool.take(70_000).buffer).toBe(large.buffer)
  expect(pool.take(70_000).buffer).toBeInstanceOf(ArrayBuffer)
  pool.give(large)
  expect(pool.take(500_000).buffer).toBe(large.buffer)
})

test('bodies of all sizes, collected beside each other in recycled memory, are whole', () => {
  const pool = new BodyPool(4 * mebibyte)
  const sizes = [0, 1, 1000, 65_536, 65_537, 90_000, 400_000, 1_100_000]
  for (let round = 0; round < 5; round += 1) {
    const bodies = sizes.map((size, at) => ({
      whole: Buffer.alloc(size, 1 + at + round * sizes.length),
      buffer: new BodyBuffer(pool, at % 2 === 0 ? size : undefined),
    }))
    for (let from = 0; from < 1_100_000; from += 50_000) {
      const unfinished = bodies.filter(({ whole }) => from < whole.length)
      for (const { whole, buffer } of unfinished) buffer.push(whole.subarray(from, from + 50_000))
    }
    const made = bodies.map(({ buffer }) => buffer.bytes())
    for (const [at, { whole }] of bodies.entries()) {
      expect(whole.equals(made[at] ?? Buffer.alloc(1)), `body of ${whole.length} bytes`).toBe(true)
    }
    for (const bytes of made) pool.give(bytes)
  }
})
