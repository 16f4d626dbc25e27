import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Watermark } from './watermark.ts'

test('the offset stands before the first message that is open, whatever the order of the work', () => {
  const steps = fc.array(fc.oneof(fc.constant('deliver' as const), fc.nat(60)), { maxLength: 200 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 3 }), (plan, gap) => {
      let watermark = new Watermark(7)
      const delivered: number[] = []
      const done = new Set<number>()
      for (const step of plan) {
        if (step === 'deliver') {
          const offset = 7 + (delivered.length + 1) * gap
          delivered.push(offset)
          watermark.deliver(offset)
        } else {
          watermark.done(step)
          if (delivered.includes(step)) done.add(step)
          if (step % 10 === 0) watermark = watermark.copy()
        }
        const open = delivered.findIndex((offset) => !done.has(offset))
        const finished = open === -1 ? delivered : delivered.slice(0, open)
        expect(watermark.offset).toBe(finished.at(-1) ?? 7)
        expect(watermark.idle).toBe(open === -1)
      }
    }),
  )
})

test('a copy goes its own way', () => {
  const watermark = new Watermark(0)
  for (let offset = 1; offset <= 5000; offset += 1) watermark.deliver(offset)
  for (let offset = 2; offset <= 4000; offset += 1) watermark.done(offset)
  const copy = watermark.copy()
  copy.done(1)
  expect([watermark.offset, copy.offset]).toEqual([0, 4000])
  watermark.done(1)
  watermark.done(4001)
  expect([watermark.offset, copy.offset]).toEqual([4001, 4000])
})
