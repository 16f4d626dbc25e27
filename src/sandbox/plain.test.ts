import { expect, test } from 'vitest'
import { rewritePaths } from './plain.ts'
import { sandboxContract } from './sandbox.contract.ts'

test.each([
  ['/pfs/in/x', '/R/pfs/in/x'],
  ['cat /pfs/in/x >/pfs/out', 'cat /R/pfs/in/x >/R/pfs/out'],
  ['--path=/pfs', '--path=/R/pfs'],
  ['-I/pfs/in', '-I/R/pfs/in'],
  ['a:/tmp/b', 'a:/R/tmp/b'],
  ['"${X:-/pfs/in}"', '"${X:-/R/pfs/in}"'],
  ['/data/pfs/x', '/data/pfs/x'],
  ['/pfs2', '/pfs2'],
  ['$HOME/tmp/x', '$HOME/tmp/x'],
  ['s/pfs/other/', 's/pfs/other/'],
])('%s is seen as %s', (text, expected) => {
  expect(rewritePaths(text, '/R')).toBe(expected)
})

test('paths of mounts are rewritten as /pfs is, and what only begins like them is not', () => {
  const mounts = ['/etc/a+b', '/usr/x']
  const text = 'cat /etc/a+b /usr/x/y /usr/xy /etc/ab'
  expect(rewritePaths(text, '/R', mounts)).toBe('cat /R/etc/a+b /R/usr/x/y /usr/xy /etc/ab')
})

await sandboxContract('plain')
