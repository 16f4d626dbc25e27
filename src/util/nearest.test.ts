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

test('of words equally near the first is taken', () => {
  expect(nearest('bat', ['cat', 'hat'])).toBe('cat')
})

test('the beginning of a word finds it, and a word finds its beginning', () => {
  expect(nearest('laplacian', ['copy', 'laplacian-variance'])).toBe('laplacian-variance')
  expect(nearest('datum_tries_max', ['datum_tries'])).toBe('datum_tries')
  expect(nearest('la', ['laplacian-variance'])).toBeUndefined()
})
