import { expect, test } from 'vitest'
import { age, bytes, duration, grouped, plural } from './format.ts'

test('sizes have at most three digits and a binary unit', () => {
  const cases = [0, 1, 1023, 1024, 1536, 10_240, 102_400, 1_047_552, 1 << 20, 5_368_709_120]
  expect(cases.map(bytes)).toEqual([
    '0B',
    '1B',
    '1023B',
    '1KiB',
    '1.5KiB',
    '10KiB',
    '100KiB',
    '1023KiB',
    '1MiB',
    '5GiB',
  ])
})

test('durations are told in the two units that matter', () => {
  expect([0, 42, 999, 1200, 59_400, 200_000, 7_500_000, 90_000_000].map(duration)).toEqual([
    '0ms',
    '42ms',
    '999ms',
    '1.2s',
    '59s',
    '3m 20s',
    '2h 5m',
    '1d 1h',
  ])
})

test('an age is the largest unit that fits, and a clock that went back gives no negative one', () => {
  const now = 1e12
  expect(age(now - 1000, now)).toBe('1 second ago')
  expect(age(now - 7_200_000, now)).toBe('2 hours ago')
  expect(age(now + 5000, now)).toBe('just now')
})

test('counts are grouped and their noun agrees', () => {
  expect(grouped(1_234_567)).toBe('1,234,567')
  expect([plural(1, 'datum'), plural(1000, 'datum')]).toEqual(['1 datum', '1,000 datums'])
})
