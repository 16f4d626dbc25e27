import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Deadlines } from './deadlines.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('what is not disarmed expires, at most two ticks late and never early', () => {
  const deadlines = new Deadlines(1000)
  const expired: string[] = []
  deadlines.arm({ expire: () => expired.push('first') }, 1000)
  const second = { expire: () => expired.push('second') }
  deadlines.arm(second, 1000)
  vi.advanceTimersByTime(999)
  expect(expired).toEqual([])
  expect(deadlines.disarm(second)).toBeLessThanOrEqual(100)
  vi.advanceTimersByTime(101)
  expect(expired).toEqual(['first'])
  expect(deadlines.disarm(second)).toBe(0)
})

test('no timer runs when nothing is armed', () => {
  const deadlines = new Deadlines(1000)
  const deadline = { expire: () => undefined }
  deadlines.arm(deadline, 1000)
  deadlines.disarm(deadline)
  vi.advanceTimersByTime(100)
  expect(vi.getTimerCount()).toBe(0)
})
