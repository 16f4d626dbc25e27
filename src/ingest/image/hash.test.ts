import { expect, test } from 'vitest'
import { checkHashOptions, hashOf, hashRefusal } from './hash.ts'

const text = Buffer.from('abc')

test.each([
  ['md5', '900150983cd24fb0d6963f7d28e17f72'],
  ['sha256', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['none', undefined],
] as const)('%s of "abc"', (kind, hash) => {
  expect(hashOf(text, kind)).toBe(hash)
})

test('sha512 has 128 digits', () => {
  expect(hashOf(text, 'sha512')).toMatch(/^ddaf35a1[0-9a-f]{120}$/)
})

test('a hash is compared without regard to case', () => {
  const hash = hashOf(text, 'md5')
  expect(hashRefusal(hash, '900150983CD24FB0D6963F7D28E17F72')).toBeUndefined()
  expect(hashRefusal(hash, '900150983cd24fb0d6963f7d28e17f73')).toBe('hash mismatch')
  expect(hashRefusal(hash, '')).toBe('hash mismatch')
})

test('only the hash that is computed can be verified', () => {
  expect(checkHashOptions('md5', ['sum', 'md5'])).toEqual({ column: 'sum', kind: 'md5' })
  expect(checkHashOptions('sha256')).toBeUndefined()
  expect(() => checkHashOptions('sha256', ['sum', 'md5'])).toThrow('of "md5" but the hash computed')
  expect(() => checkHashOptions('none', ['sum', 'none'])).toThrow('verifyHash')
  expect(() => checkHashOptions('sha1')).toThrow('computeHash must be one of none, md5')
  expect(() => checkHashOptions('md5', ['sum'])).toThrow('must be a pair')
})
