import { expect, test } from 'vitest'
import { splitGlobalOptions } from './global-options.ts'

test('global options are taken from anywhere on the line', () => {
  const { options, words } = splitGlobalOptions(['list', '-C', 'dir', 'repo', '--json'])
  expect(options).toMatchObject({ directory: 'dir', json: true })
  expect(words).toEqual(['list', 'repo'])
})

test('behind a bare -- every word belongs to the command', () => {
  const { options, words } = splitGlobalOptions(['put', '--', '--json'])
  expect(options.json).toBe(false)
  expect(words).toEqual(['put', '--', '--json'])
})

test('-C without a folder is a usage fault', () => {
  expect(() => splitGlobalOptions(['list', '-C'])).toThrow('needs a folder')
})
