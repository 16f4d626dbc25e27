import { expect, test } from 'vitest'
import { accuracyOf } from './accuracy.ts'

test('the interval is that of Wilson', () => {
  const { accuracy, low, high } = accuracyOf(26, 27)
  expect(accuracy).toBeCloseTo(0.96296, 5)
  expect(low).toBeCloseTo(0.81717, 5)
  expect(high).toBeCloseTo(0.99343, 5)
})

test('all right and all wrong end exactly at one and zero', () => {
  expect(accuracyOf(27, 27)).toMatchObject({ accuracy: 1, high: 1 })
  expect(accuracyOf(0, 27)).toMatchObject({ accuracy: 0, low: 0 })
})

test('nothing to be right about has no accuracy', () => {
  expect(accuracyOf(0, 0)).toEqual({ correct: 0, total: 0 })
})
