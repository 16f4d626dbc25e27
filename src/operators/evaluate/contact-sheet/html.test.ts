import { expect, test } from 'vitest'
import { chance, escapeHtml, percent, shortNumber } from './html.ts'

test('markup in names cannot leave its place', () => {
  expect(escapeHtml(`<a href="x">&'</a>`)).not.toMatch(/[<>"']/)
})

test.each([
  [1, '100 %'],
  [0.96296, '96.3 %'],
  [0, '0.0 %'],
])('the share %d reads %s', (share, text) => {
  expect(percent(share)).toBe(text)
})

test.each([
  [1, '>99.9 %'],
  [1e-9, '<0.1 %'],
  [0.5, '50.0 %'],
])('the probability %d reads %s', (probability, text) => {
  expect(chance(probability)).toBe(text)
})

test.each([
  [12345.678, '12\u202f346'],
  [1234567, '1\u202f234\u202f567'],
  [123.4, '123'],
  [12.34, '12.3'],
  [2.345, '2.35'],
  [0.1234, '0.123'],
  [-0.0001, '-1.00e-4'],
  [0, '0'],
])('the figure %d reads %s', (value, text) => {
  expect(shortNumber(value)).toBe(text)
})
