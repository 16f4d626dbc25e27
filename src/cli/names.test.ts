import { expect, test } from 'vitest'
import { byteCount } from './branch-options.ts'
import { commitReference, fileReference, inProject } from './names.ts'

test('the first colon ends the commit, and further ones belong to the path', () => {
  expect(fileReference('images@master:a:b.txt')).toEqual({
    commit: 'images@master',
    path: 'a:b.txt',
  })
  expect(fileReference('images@master')).toEqual({ commit: 'images@master', path: undefined })
})

test('a repo alone means its branch master', () => {
  expect(fileReference('images:/a').commit).toBe('images@master')
})

test('a project is put before names that have none', () => {
  expect(commitReference('images@dev', 'team')).toBe('team/images@dev')
  expect(inProject('other/images', 'team')).toBe('other/images')
})

test('sizes are read in powers of 1000, and of 1024 where the unit says so', () => {
  expect(['512', '1K', '10MB', '1GiB', '1.5k'].map(byteCount)).toEqual([
    512, 1000, 10_000_000, 1_073_741_824, 1500,
  ])
  expect(() => byteCount('much')).toThrow('is not a size')
})
