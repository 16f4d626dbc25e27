import { expect, test } from 'vitest'
import { parseCommitName, parseFileName } from './commit-name.ts'
import { parseRepo, repoKey, showRepo, siblingRepos } from './repo-key.ts'

test('a repo is named with or without project and type', () => {
  expect(parseRepo('images')).toEqual({ project: 'default', name: 'images', type: 'user' })
  expect(parseRepo('lab/v1.2')).toEqual({ project: 'lab', name: 'v1.2', type: 'user' })
  expect(repoKey('images.user')).toBe('default/images')
  expect(repoKey('lab/edges.meta')).toBe('lab/edges.meta')
  expect(showRepo(repoKey('images'))).toBe('images')
  expect(showRepo(repoKey('lab/images'))).toBe('lab/images')
  expect(siblingRepos(repoKey('edges'))).toEqual([
    'default/edges',
    'default/edges.meta',
    'default/edges.spec',
  ])
  for (const bad of ['', 'a/b/c', 'a@b', '/a', 'a b']) expect(() => parseRepo(bad)).toThrow()
})

test('a commit is named by branch or id, with the steps behind it', () => {
  const id = '0123456789ab4cde8123456789abcdef'
  const back = (steps: number) => ({ kind: 'back', steps })
  expect(parseCommitName('p/r.spec@master^^~3')).toEqual({
    repo: 'p/r.spec',
    name: 'master',
    id: undefined,
    ancestry: back(5),
  })
  expect(parseCommitName(`r@master=${id}`)).toMatchObject({ name: 'master', id, ancestry: back(0) })
  expect(parseCommitName('r@master.12').ancestry).toEqual({ kind: 'from start', number: 12 })
  expect(parseCommitName('r@v1.x').name).toBe('v1.x')
  for (const bad of ['r', 'r@', '@b', 'r@a@b', 'r@a^.1', 'r@=x']) {
    expect(() => parseCommitName(bad), bad).toThrow('does not name a commit')
  }
})

test('a file is named behind a colon, which its path may hold too', () => {
  expect(parseFileName('r@b:a/b:c')).toEqual({ commit: 'r@b', path: 'a/b:c' })
  expect(parseFileName('r@b')).toEqual({ commit: 'r@b', path: '' })
})
