import { expect, test } from 'vitest'
import { systemRandom } from './random.ts'

test('a new id is a UUIDv4 as 32 lower-case hex digits, another each time', () => {
  const ids = Array.from({ length: 1000 }, () => systemRandom.uuidHex())
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
  expect(new Set(ids).size).toBe(ids.length)
})
