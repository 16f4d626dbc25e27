import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffDelay, retryAfterMs, statusMayPass } from './retry-policy.ts'

test('servers in trouble and servers that ask for patience may be tried again, no others', () => {
  const passing = [200, 301, 400, 403, 404, 408, 410, 429, 451, 500, 502, 503, 504, 599, 600]
  expect(passing.filter(statusMayPass)).toEqual([429, 500, 502, 503, 504, 599])
})

test('the delay lies between nothing and a ceiling that doubles up to its limit', () => {
  const backoff = { backoffMs: 500, maxBackoffMs: 30_000 }
  const property = fc.property(
    fc.integer({ min: 1, max: 100 }),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    (attempts, fraction) => {
      const delay = backoffDelay(attempts, backoff, fraction)
      expect(delay).toBeGreaterThanOrEqual(0)
      expect(delay).toBeLessThan(Math.min(30_000, 500 * 2 ** (attempts - 1)))
    },
  )
  fc.assert(property)
})

test('Retry-After comes in seconds or as a date', () => {
  const now = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT')
  expect(retryAfterMs('120', now)).toBe(120_000)
  expect(retryAfterMs('Wed, 21 Oct 2015 07:29:30 GMT', now)).toBe(90_000)
  expect(retryAfterMs('Wed, 21 Oct 2015 07:00:00 GMT', now)).toBe(0)
  expect(retryAfterMs('soon', now)).toBe(undefined)
  expect(retryAfterMs(undefined, now)).toBe(undefined)
})
