import { expect, test } from 'vitest'
import { isVarveError } from '../model/index.ts'
import { checkCron, nextTick, tickFileName, ticksBetween } from './cron.ts'

const at = (text: string) => Date.parse(text)
const noon = at('2026-03-01T12:00:00Z')

test.each([
  ['*/15 * * * *', '2026-03-01T12:15:00Z'],
  ['0 6 * * 1', '2026-03-02T06:00:00Z'],
  ['@daily', '2026-03-02T00:00:00Z'],
  ['@hourly', '2026-03-01T13:00:00Z'],
  ['@every 30s', '2026-03-01T12:00:30Z'],
  ['@every 1h30m', '2026-03-01T13:30:00Z'],
])('%s ticks next at %s', (spec, expected) => {
  expect(checkCron(spec)).toBeUndefined()
  expect(nextTick(spec, noon)).toBe(at(expected))
})

test('the next tick is always later, also when asked at a tick', () => {
  expect(nextTick('0 * * * *', noon)).toBe(at('2026-03-01T13:00:00Z'))
})

test('@never never ticks', () => {
  expect(checkCron('@never')).toBeUndefined()
  expect(nextTick('@never', noon)).toBeUndefined()
})

test.each([
  '* * * * * *',
  '@reboot',
  '* * *',
  '@every',
  '@every 10',
  '@every 1ms',
  '61 * * * *',
  'soon',
  '',
])('"%s" is refused with the reason', (spec) => {
  expect(checkCron(spec)).toMatch(/./)
  expect(() => nextTick(spec, noon)).toThrow(/./)
  try {
    nextTick(spec, noon)
  } catch (error) {
    expect(isVarveError(error, 'SPEC_INVALID')).toBe(true)
  }
})

test('a past start is caught up one tick at a time, up to a limit', () => {
  const since = { afterMs: noon, untilMs: noon + 90_000, limit: 100 }
  expect(ticksBetween('@every 30s', since)).toEqual([noon + 30_000, noon + 60_000, noon + 90_000])
  expect(ticksBetween('@every 30s', { ...since, limit: 2 })).toHaveLength(2)
  expect(ticksBetween('@never', since)).toEqual([])
})

test('a tick file is named by its time in seconds', () => {
  expect(tickFileName(noon + 250)).toBe('2026-03-01T12:00:00Z')
})
