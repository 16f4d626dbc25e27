import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteBudget, type ByteHolder } from './byte-budget.ts'

class Body implements ByteHolder {
  isWaiting = false
  resume(): void {
    this.isWaiting = false
  }
}

test('who exceeds the limit waits until another is done; the eldest never waits', () => {
  const budget = new ByteBudget(100)
  const [eldest, younger] = [new Body(), new Body()]
  expect(budget.take(eldest, 60)).toBe(true)
  younger.isWaiting = !budget.take(younger, 60)
  expect(younger.isWaiting).toBe(true)
  expect(budget.take(eldest, 500)).toBe(true)
  budget.release(eldest)
  expect(younger.isWaiting).toBe(false)
})

test('whatever the sizes, all bodies end', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 })
  const property = fc.property(fc.array(sizes, { maxLength: 20 }), (bodies) => {
    const budget = new ByteBudget(100)
    const left = new Map(bodies.map((chunks) => [new Body(), [...chunks]]))
    while (left.size > 0) {
      const running = [...left].filter(([body]) => !body.isWaiting)
      expect(running.length).toBeGreaterThan(0)
      for (const [body, chunks] of running) {
        const chunk = chunks.shift()
        if (chunk !== undefined) body.isWaiting = !budget.take(body, chunk)
        else {
          budget.release(body)
          left.delete(body)
        }
      }
    }
  })
  fc.assert(property)
})
