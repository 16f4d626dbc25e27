import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inBatches, inSizedBatches, streamInBatches } from './batches.ts'

test('batches are full but for the last and hold every value in order, of a stream too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat()), fc.integer({ min: 1, max: 9 }), async (values, length) => {
      const batches = [...inBatches(new Set(values.entries()), length)]
      expect(batches.flat().map(([, value]) => value)).toEqual(values)
      for (const batch of batches.slice(0, -1)) expect(batch).toHaveLength(length)
      const last = batches.at(-1)
      if (last !== undefined) expect(last.length >= 1 && last.length <= length).toBe(true)
      const streamed: (readonly number[])[] = []
      for await (const batch of streamInBatches(streamOf(values), length)) streamed.push(batch)
      expect(streamed).toEqual(batches.map((batch) => batch.map(([, value]) => value)))
    }),
  )
})

test('sized batches keep both limits, except that a larger value is one by itself', () => {
  const sizes = fc.array(fc.nat({ max: 20 }).map((size) => ({ size })))
  fc.assert(
    fc.property(
      sizes,
      fc.integer({ min: 1, max: 5 }),
      fc.nat({ max: 30 }),
      (values, length, size) => {
        const batches = [...inSizedBatches(values, { length, size })]
        expect(batches.flat()).toEqual(values)
        for (const [at, batch] of batches.entries()) {
          expect(batch.length >= 1 && batch.length <= length).toBe(true)
          if (batch.length > 1) expect(sum(batch)).toBeLessThanOrEqual(size)
          const next = batches[at + 1]?.[0]
          // As few as can be: the next value had no place here.
          if (next === undefined || batch.length === length) continue
          expect(sum(batch) + next.size).toBeGreaterThan(size)
        }
      },
    ),
  )
})

const sum = (values: readonly { readonly size: number }[]): number =>
  values.reduce((total, { size }) => total + size, 0)

async function* streamOf<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values
}
