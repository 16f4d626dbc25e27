import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf, type Digest } from '../../model/index.ts'
import { DigestMarks } from './digest-marks.ts'

/** Many of equal low bits, which want the same place. */
const crowded = fc
  .tuple(fc.nat({ max: 40 }), fc.constantFrom('00000000', '00000001', '000003ff', 'ffffffff'))
  .map(([n, low]) => `${String(n).padStart(8, '0')}${low}${'0'.repeat(48)}` as Digest)

test('it says of every digest what a set of the same digests says', () => {
  fc.assert(
    fc.property(fc.array(crowded), fc.array(crowded), (added, asked) => {
      const marks = new DigestMarks()
      const set = new Set<Digest>()
      for (const digest of added) {
        expect(marks.add(digest)).toBe(!set.has(digest))
        set.add(digest)
      }
      for (const digest of asked) expect(marks.has(digest)).toBe(set.has(digest))
    }),
  )
})

test('a digest that begins with zeros is one like others', () => {
  const [zero, one] = ['0', '1'].map((n) => `${n.padStart(16, '0')}${'0'.repeat(48)}` as Digest)
  const marks = new DigestMarks()
  expect(marks.add(one as Digest)).toBe(true)
  expect(marks.has(zero as Digest)).toBe(false)
  expect(marks.add(zero as Digest)).toBe(true)
  expect(marks.add(zero as Digest)).toBe(false)
})

test('it keeps what it holds while it grows', () => {
  const marks = new DigestMarks()
  const digests = Array.from({ length: 20_000 }, (_, n) => digestOf(`${n}`))
  for (const digest of digests) expect(marks.add(digest)).toBe(true)
  expect(digests.every((digest) => marks.has(digest))).toBe(true)
  expect(digests.some((digest) => marks.add(digest))).toBe(false)
  expect(marks.has(digestOf('another'))).toBe(false)
})
