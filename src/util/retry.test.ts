import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffDelay, withRetry } from './retry.ts'

const random = (fraction: number) => ({ uuidHex: () => '', fraction: () => fraction })
const backoff = { firstMs: 100, maxMs: 5000 }

test('the ceiling of the delay doubles with every try up to the maximum', () => {
  const ceilings = [2, 3, 4, 9, 60].map((attempt) => backoffDelay(attempt, backoff, random(0.9999)))
  expect(ceilings).toEqual([99, 199, 399, 4999, 4999])
})

test('a delay is never negative and never above the maximum', () => {
  fc.assert(
    fc.property(
      fc.nat(100),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempt, fraction) => {
        const delay = backoffDelay(attempt, backoff, random(fraction))
        return delay >= 0 && delay <= backoff.maxMs
      },
    ),
  )
})

test('work is tried exactly as often as allowed and rejects with the last error', async () => {
  let tries = 0
  const waits: number[] = []
  const work = withRetry(
    () => {
      tries += 1
      return Promise.reject(new Error(`try ${String(tries)}`))
    },
    {
      ...backoff,
      tries: 3,
      random: random(0.5),
      sleep: (ms) => {
        waits.push(ms)
        return Promise.resolve()
      },
    },
  )
  await expect(work(undefined)).rejects.toThrow('try 3')
  expect(waits).toEqual([50, 100])
})

test('an error that is not worth another try rejects at once', async () => {
  let tries = 0
  const work = withRetry(
    () => {
      tries += 1
      return Promise.reject(new Error('final'))
    },
    {
      ...backoff,
      tries: 5,
      random: random(0),
      sleep: () => Promise.resolve(),
      retryable: () => false,
    },
  )
  await expect(work(undefined)).rejects.toThrow('final')
  expect(tries).toBe(1)
})
