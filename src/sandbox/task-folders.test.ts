import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TaskFolders } from './task-folders.ts'

let parent: string
let folders: TaskFolders

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'varve-folders-'))
  folders = new TaskFolders(parent)
})
afterEach(() => rmSync(parent, { recursive: true }))

test('a folder left as it was found serves a later task under a name of its own', async () => {
  const first = folders.take()
  mkdirSync(join(first, 'pfs', 'in'))
  writeFileSync(join(first, 'pfs', 'in', 'x'), 'x')
  await folders.give(first, ['in', 'out'])
  const second = folders.take()
  expect(second).not.toBe(first)
  expect(readdirSync(parent)).toEqual([second.slice(parent.length + 1)])
  expect(readdirSync(join(second, 'pfs'))).toEqual(['out'])
  expect(readdirSync(join(second, 'pfs', 'out'))).toEqual([])
})

test('an open folder of an output leads nowhere once its task is over', async () => {
  const first = folders.take()
  const out = openSync(join(first, 'pfs', 'out'), 'r')
  await folders.give(first, ['out'])
  const second = folders.take()
  expect(() => writeFileSync(`/proc/self/fd/${String(out)}/late`, '')).toThrow('ENOENT')
  expect(readdirSync(join(second, 'pfs', 'out'))).toEqual([])
  closeSync(out)
})

const spoiled: Readonly<Record<string, (root: string) => void>> = {
  'a file beside pfs': (root) => writeFileSync(join(root, 'core'), ''),
  'a file in tmp': (root) => writeFileSync(join(root, 'tmp', 'left'), ''),
  'a file in pfs': (root) => writeFileSync(join(root, 'pfs', 'left'), ''),
  'no tmp': (root) => rmSync(join(root, 'tmp'), { recursive: true }),
  'a closed tmp': (root) => chmodSync(join(root, 'tmp'), 0o500),
}
test.each(Object.entries(spoiled))('a folder with %s is not used again', async (_, spoil) => {
  const root = folders.take()
  spoil(root)
  await folders.give(root, ['in', 'out'])
  expect(existsSync(root)).toBe(false)
  expect(readdirSync(folders.take()).sort()).toEqual(['pfs', 'tmp'])
})
