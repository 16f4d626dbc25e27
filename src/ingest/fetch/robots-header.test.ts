import { expect, test } from 'vitest'
import { forbidsUse } from './robots-header.ts'

const directives = ['noai', 'noimageai', 'noindex', 'noimageindex']
const forbids = (header: string | string[], token?: string): boolean =>
  forbidsUse(header, token, directives)

test('a listed directive forbids, wherever it stands and however it is written', () => {
  expect(forbids('noai')).toBe(true)
  expect(forbids('nofollow, NoImageAI ')).toBe(true)
  expect(forbids(['nofollow', 'noindex'])).toBe(true)
})

test('directives not on the list forbid nothing', () => {
  expect(forbids('nofollow')).toBe(false)
  expect(forbids('none')).toBe(false)
  expect(forbids('noaiplease')).toBe(false)
  expect(forbids('')).toBe(false)
  expect(forbidsUse(undefined, undefined, directives)).toBe(false)
})

test('a header for a bot is for that bot', () => {
  expect(forbids('otherbot: noai')).toBe(false)
  expect(forbids('otherbot: noai', 'img2dataset')).toBe(false)
  expect(forbids('img2dataset: noai')).toBe(false)
  expect(forbids('IMG2dataset: noai', 'img2dataset')).toBe(true)
  expect(forbids('varve: noai')).toBe(true)
  expect(forbids(['otherbot: noai', 'noindex'])).toBe(true)
})

test('only the first colon divides', () => {
  expect(forbids('unavailable_after: 25 Jun 2030 15:00:00 PST, noai')).toBe(false)
  expect(forbids('img2dataset: a:noai', 'img2dataset')).toBe(false)
})

test('an empty list turns the check off', () => {
  expect(forbidsUse('noai', undefined, [])).toBe(false)
})
