import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test('a slip of the fingers finds the word that was meant', () => {
  const known = ['status', 'start', 'stop', 'list', 'merge']
  expect(nearest('stauts', known)).toBe('status')
  expect(nearest('lst', known)).toBe('list')
  expect(nearest('MERGE', known)).toBe('merge')
})

test('a word like none of them finds nothing', () => {
  expect(nearest('photograph', ['list', 'merge'])).toBeUndefined()
})
