import { beforeEach, expect, test } from 'vitest'
import type { DatumInfo } from '../../src/index.ts'
import { openRig, shell, type Edits, type Rig } from '../rig.ts'

let rig: Rig
beforeEach(async () => {
  rig = await openRig()
})

/** Creates a pipeline, runs it and answers its datums, each as its sorted `input:path`. */
async function datumsOf(input: object, name = 'p'): Promise<string[]> {
  await rig.create(shell(name, input, ['true']))
  expect(await rig.runOne()).toMatchObject({ state: 'success' })
  return (await rig.datums(name)).map(pathsOf).sort()
}

function pathsOf({ inputs }: DatumInfo): string {
  return inputs.map((input) => `${input.name}:${input.path}`).join(' ')
}

const pfs = (repo: string, glob: string, more: object = {}): object => ({
  pfs: { repo, glob, ...more },
})

test('4: one repo under two names of a cross: each side sees what is appended to it', async () => {
  await rig.repos({ data: { 'dirA/file': 'foo\n', 'dirB/file': 'foo\n' } })
  const input = {
    cross: [pfs('data', '/dirA/*', { name: 'dirA' }), pfs('data', '/dirB/*', { name: 'dirB' })],
  }
  const lines = [
    'cat /pfs/dirA/dirA/file >> /pfs/out/file',
    'cat /pfs/dirB/dirB/file >> /pfs/out/file',
  ]
  await rig.create(shell('p', input, lines))
  await rig.runOne()
  expect(await rig.text('p', 'file')).toBe('foo\nfoo\n')
  await rig.append('data', 'dirA/file', 'bar\n')
  await rig.runOne()
  expect(await rig.text('p', 'file')).toBe('foo\nbar\nfoo\n')
  await rig.append('data', 'dirB/file', 'buzz\n')
  await rig.runOne()
  expect(await rig.text('p', 'file')).toBe('foo\nbar\nfoo\nbuzz\n')
})

test('18: four repos of two files: a union has 8 datums, nested ones 4 and 8 of each repo', async () => {
  const repos = ['a', 'b', 'c', 'd']
  const two = (repo: string): Edits => ({ [`${repo}-0`]: '0', [`${repo}-1`]: '1' })
  await rig.repos(Object.fromEntries(repos.map((repo) => [repo, two(repo)])))
  const all = repos.map((repo) => pfs(repo, '/*'))
  const [a, b, c, d] = all
  // Each datum leaves one file for every input it saw, in a folder named after the input.
  const lines = [
    'for file in /pfs/*/*-?; do',
    '  name=$(basename "$(dirname "$file")")',
    '  mkdir -p "/pfs/out/$name"',
    '  cp "$file" "/pfs/out/$name/$(basename "$file").$PACH_DATUM_ID"',
    'done',
  ]
  const filesOf = async (name: string, input: object): Promise<Record<string, number>> => {
    await rig.create(shell(name, input, lines))
    expect(await rig.runOne()).toMatchObject({ state: 'success' })
    const counts: Record<string, number> = {}
    for (const path of Object.keys(await rig.files(name))) {
      const folder = path.slice(0, path.indexOf('/'))
      counts[folder] = (counts[folder] ?? 0) + 1
    }
    return counts
  }
  expect(await filesOf('union', { union: all })).toEqual({ a: 2, b: 2, c: 2, d: 2 })
  expect(await rig.datums('union')).toHaveLength(8)
  const crosses = { union: [{ cross: [a, b] }, { cross: [c, d] }] }
  expect(await filesOf('crosses', crosses)).toEqual({ a: 4, b: 4, c: 4, d: 4 })
  const unions = { cross: [{ union: [a, b] }, { union: [c, d] }] }
  expect(await filesOf('unions', unions)).toEqual({ a: 8, b: 8, c: 8, d: 8 })
  expect(await rig.datums('unions')).toHaveLength(16)
  const alias = { union: repos.map((repo) => pfs(repo, '/*', { name: 'in' })) }
  expect(await filesOf('alias', alias)).toEqual({ in: 8 })
})

test('19: a join pairs files of equal keys: every product of a key all members have', async () => {
  await rig.repos({
    left: { '1-a': 'x', '1-b': 'x', '2-a': 'x', '3-a': 'x' },
    right: { '1-x': 'y', '1-y': 'y', '2-x': 'y', '4-x': 'y' },
  })
  const join = { join: ['left', 'right'].map((repo) => pfs(repo, '/(*)-*', { join_on: '$1' })) }
  expect(await datumsOf(join)).toEqual([
    'left:1-a right:1-x',
    'left:1-a right:1-y',
    'left:1-b right:1-x',
    'left:1-b right:1-y',
    'left:2-a right:2-x',
  ])
})

test('19: a join on parts of a key in another order', async () => {
  await rig.repos({
    first: { 'file-0.0011': 'a', 'file-0.0101': 'b' },
    second: { 'file-0.1100': 'c', 'file-0.1001': 'd' },
  })
  const join = {
    join: [
      pfs('first', '/file-?.(??)(??)', { join_on: '$2$1' }),
      pfs('second', '/file-?.(??)(??)', { join_on: '$1$2' }),
    ],
  }
  expect(await datumsOf(join)).toEqual(['first:file-0.0011 second:file-0.1100'])
})

test('19: an outer join keeps the files of its outer members that find no partner', async () => {
  await rig.repos({ left: { '1': 'x', '2': 'x' }, right: { '2': 'y', '3': 'y' } })
  const join = (leftOuter: boolean, rightOuter: boolean): object => ({
    join: [
      pfs('left', '/(*)', { join_on: '$1', outer_join: leftOuter }),
      pfs('right', '/(*)', { join_on: '$1', outer_join: rightOuter }),
    ],
  })
  expect(await datumsOf(join(false, false), 'inner')).toEqual(['left:2 right:2'])
  expect(await datumsOf(join(true, false), 'outer-left')).toEqual(['left:1', 'left:2 right:2'])
  expect(await datumsOf(join(false, true), 'outer-right')).toEqual(['left:2 right:2', 'right:3'])
  expect(await datumsOf(join(true, true), 'full')).toEqual(['left:1', 'left:2 right:2', 'right:3'])
})

test('20: a group holds all files of one key, of all members, without all having it', async () => {
  await rig.repos({
    left: { 'T1-a': '1', 'T1-b': '2', 'T2-a': '3' },
    right: { 'T1-c': '4', 'T3-c': '5' },
  })
  const member = (repo: string): object => pfs(repo, '/(T?)-*', { group_by: '$1' })
  expect(await datumsOf({ group: [member('left')] }, 'single')).toEqual([
    'left:T1-a left:T1-b',
    'left:T2-a',
  ])
  expect(await datumsOf({ group: [member('left'), member('right')] }, 'double')).toEqual([
    'left:T1-a left:T1-b right:T1-c',
    'left:T2-a',
    'right:T3-c',
  ])
})

test('20: a group shows its datum every file at once, and a new file reruns its group alone', async () => {
  await rig.repos({ data: { 'a-1': '1\n', 'a-2': '2\n', 'b-1': '3\n' } })
  const input = { group: [pfs('data', '/(?)-*', { group_by: '$1' })] }
  const lines = ['cat /pfs/data/* > "/pfs/out/$PACH_DATUM_data_GROUP_BY"']
  await rig.create(shell('p', input, lines))
  await rig.runOne()
  expect(await rig.files('p')).toEqual({ a: '1\n2\n', b: '3\n' })
  await rig.put('data', { 'a-3': '4\n' })
  expect((await rig.runOne()).counters).toMatchObject({ processed: 1, skipped: 1, total: 2 })
  expect(await rig.files('p')).toEqual({ a: '1\n2\n4\n', b: '3\n' })
})

test('20: groups of joins, unions of groups: each combination has its own datums', async () => {
  await rig.repos({
    left: { '1-x': 'a', '2-x': 'b', '3-y': 'c' },
    right: { '1-x': 'd', '2-x': 'e', '4-y': 'f' },
  })
  const both = { join_on: '$1', group_by: '$2' }
  const join = { join: [pfs('left', '/(*)-(*)', both), pfs('right', '/(*)-(*)', both)] }
  expect(await datumsOf({ group: [join] }, 'group-join')).toEqual([
    'left:1-x left:2-x right:1-x right:2-x',
  ])
  const group = (repo: string): object => ({ group: [pfs(repo, '/(*)-(*)', both)] })
  expect(await datumsOf({ union: [group('left'), group('right')] }, 'union-group')).toEqual([
    'left:1-x left:2-x',
    'left:3-y',
    'right:1-x right:2-x',
    'right:4-y',
  ])
})

test('21: nothing to match, and any cross with an empty member, give no datums', async () => {
  await rig.repos({ full: { a: '1', b: '2' }, empty: {} })
  const none = pfs('full', '/no-such-*')
  const full = pfs('full', '/*', { name: 'other' })
  expect(await datumsOf(none, 'zero')).toEqual([])
  expect(await datumsOf(pfs('empty', '/'), 'empty-root')).toEqual([])
  expect(await datumsOf({ cross: [full, none] }, 'cross')).toEqual([])
  expect(await datumsOf({ cross: [none, full] }, 'cross-turned')).toEqual([])
  expect(await datumsOf({ cross: [full, { cross: [none] }] }, 'nested')).toEqual([])
  expect(await datumsOf({ cross: [pfs('empty', '/*'), full] }, 'cross-empty')).toEqual([])
  expect(await datumsOf({ union: [full, none] }, 'union')).toEqual(['other:a', 'other:b'])
})

test('22: a glob with a trailing slash gives the same datums as without', async () => {
  await rig.repos({ left: { 'a/1': '1', 'b/2': '2' }, right: { 'a/3': '3', 'c/4': '4' } })
  const join = (tail: string): object => ({
    join: ['left', 'right'].map((repo) => pfs(repo, `/(*)${tail}`, { join_on: '$1' })),
  })
  await rig.create(shell('plain', join(''), ['true']), shell('slashed', join('/'), ['true']))
  await rig.run()
  const ids = async (name: string): Promise<string[]> =>
    (await rig.datums(name)).map(({ id }) => id)
  expect(await ids('plain')).toHaveLength(1)
  expect(await ids('slashed')).toEqual(await ids('plain'))
  expect((await rig.datums('plain')).map(pathsOf)).toEqual(['left:a right:a'])
})

test('33: an input with propagation_spec never starts no job, and is read by the next one', async () => {
  await rig.repos({ data: { a: '1' }, settings: { file: 'one' } })
  const input = {
    cross: [pfs('data', '/*'), pfs('settings', '/', { propagation_spec: { never: true } })],
  }
  await rig.create(shell('p', input, ['cat /pfs/settings/file > /pfs/out/file']))
  await rig.runOne()
  await rig.put('settings', { file: 'two' })
  expect(await rig.run()).toEqual([])
  expect(await rig.text('p', 'file')).toBe('one')
  await rig.put('data', { a: '2' })
  await rig.runOne()
  expect(await rig.text('p', 'file')).toBe('two')
})

test('33: a change in a reference input alone skips the datum; one in the other runs it', async () => {
  await rig.repos({ data: { file: 'a' }, model: { weights: '1' } })
  const input = { cross: [pfs('data', '/*'), pfs('model', '/*', { reference: true })] }
  await rig.create(shell('p', input, ['cat /pfs/model/weights /pfs/data/file > /pfs/out/file']))
  await rig.runOne()
  await rig.put('model', { weights: '2' })
  expect((await rig.runOne()).counters).toMatchObject({ processed: 0, skipped: 1 })
  expect((await rig.datums('p')).map(({ state }) => state)).toEqual(['skipped'])
  expect(await rig.text('p', 'file')).toBe('1a')
  await rig.put('data', { file: 'b' })
  expect((await rig.runOne()).counters).toMatchObject({ processed: 1, skipped: 0 })
  expect((await rig.datums('p')).map(({ state }) => state)).toEqual(['success'])
  expect(await rig.text('p', 'file')).toBe('2b')
})
