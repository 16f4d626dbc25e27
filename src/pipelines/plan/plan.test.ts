import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cron, cross, group, join, pfs, union } from '../inputs/input.fixture.ts'
import { leafInputs } from '../inputs/input-tree.ts'
import type { Datum, Input, KeyIndexEdit, LeafInput, PlanChange } from '../types.ts'
import { MemoryKeyIndex, MemoryPair, MemoryView, type Files } from './memory-view.fixture.ts'
import { planAll, planChanges } from './plan.ts'

type World = Readonly<Record<string, Files>>

async function all(input: Input, world: World) {
  const views = new Map<string, MemoryView>()
  for (const leaf of leafInputs(input)) views.set(leaf.repo, new MemoryView(world[leaf.repo] ?? {}))
  const datums = new Map<string, Datum>()
  const edits: KeyIndexEdit[] = []
  for await (const batch of planAll(input, (leaf) => views.get(leaf.repo)!)) {
    for (const change of batch.changes) {
      if (change.kind !== 'add') throw new Error('a full plan only adds')
      if (datums.has(change.datum.id)) throw new Error('one id twice')
      datums.set(change.datum.id, change.datum)
    }
    edits.push(...batch.indexEdits)
  }
  const index = new MemoryKeyIndex()
  index.apply(edits)
  return { datums, index }
}

async function changes(input: Input, before: World, after: World, index: MemoryKeyIndex) {
  const pairs = new Map<string, MemoryPair>()
  const pairOf = ({ repo }: LeafInput) => {
    const pair = pairs.get(repo) ?? new MemoryPair(before[repo] ?? {}, after[repo] ?? {})
    pairs.set(repo, pair)
    return pair
  }
  const found: PlanChange[] = []
  const edits: KeyIndexEdit[] = []
  for await (const batch of planChanges(input, pairOf, index)) {
    found.push(...batch.changes)
    edits.push(...batch.indexEdits)
  }
  const listed = [...pairs.values()].reduce(
    (sum, pair) => sum + pair.before.calls.listed + pair.after.calls.listed,
    0,
  )
  const read = [...pairs.values()].reduce(
    (sum, pair) => sum + pair.before.calls.read + pair.after.calls.read,
    0,
  )
  return { found, edits, listed, read: read + index.read }
}

/** Each datum as "name:path name:path", sorted. */
async function datums(input: Input, world: World): Promise<string[]> {
  const { datums } = await all(input, world)
  return [...datums.values()].map(show).sort()
}

function show({ inputs }: Datum): string {
  return inputs.map(({ name, path }) => `${name}:/${path}`).join(' ')
}

const two: World = { a: { '1': 'x', '2': 'y' }, b: { '1': 'p', '2': 'q' }, none: {} }

test('pfs: one datum for each match; the root of an empty commit is none', async () => {
  expect(await datums(pfs('a', '/*'), two)).toEqual(['a:/1', 'a:/2'])
  expect(await datums(pfs('a', '/*/'), two)).toEqual(['a:/1', 'a:/2'])
  expect(await datums(pfs('a', '/'), two)).toEqual(['a:/'])
  expect(await datums(pfs('none', '/'), two)).toEqual([])
  expect(await datums(pfs('a', '/**'), { a: { 'd/e/f': '' } })).toEqual([
    'a:/d',
    'a:/d/e',
    'a:/d/e/f',
  ])
})

test('a directory that matches knows the files and bytes below it', async () => {
  const { datums } = await all(pfs('a', '/*'), { a: { 'd/x': '12', 'd/e/y': '345' } })
  const [datum] = datums.values()
  expect(datum?.inputs[0]).toMatchObject({ path: 'd', directory: true, files: 2, size: 5 })
})

test('cross multiplies, is empty where a member is, and takes one repo under two names', async () => {
  expect(await datums(cross(pfs('a', '/*'), pfs('b', '/*')), two)).toHaveLength(4)
  expect(await datums(cross(pfs('a', '/*'), pfs('none', '/*')), two)).toEqual([])
  const twice = cross(pfs('left', '/*', { repo: 'a' }), pfs('right', '/*', { repo: 'a' }))
  expect(await datums(twice, two)).toHaveLength(4)
  expect(await datums(cross(cross(pfs('a', '/*'), pfs('none', '/')), pfs('b', '/')), two)).toEqual(
    [],
  )
})

test('the order in which a spec names its inputs does not matter to the ids', async () => {
  const one = await all(cross(pfs('a', '/*'), pfs('b', '/*')), two)
  const other = await all(cross(pfs('b', '/*'), pfs('a', '/*')), two)
  expect([...one.datums.keys()].sort()).toEqual([...other.datums.keys()].sort())
})

test('union adds up, and a file that two members match is one datum', async () => {
  expect(await datums(union(pfs('a', '/*'), pfs('b', '/*')), two)).toHaveLength(4)
  expect(await datums(union(pfs('a', '/1'), pfs('a', '/*')), two)).toEqual(['a:/1', 'a:/2'])
  const four: World = { a: two['a']!, b: two['b']!, c: two['a']!, d: two['b']! }
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => pfs(name, '/*')) as [
    Input,
    Input,
    Input,
    Input,
  ]
  expect(await datums(union(a, b, c, d), four)).toHaveLength(8)
  expect(await datums(cross(union(a, b), union(c, d)), four)).toHaveLength(16)
  expect(await datums(union(cross(a, b), cross(c, d)), four)).toHaveLength(8)
})

const keyed: World = {
  a: { 'k1-a': '1', 'k2-a': '2', 'k2-b': '3' },
  b: { 'k2-x': '4', 'k2-y': '5', 'k3-x': '6' },
}
const joinA = (fields = {}) => pfs('a', '/(*)-*', { joinOn: '$1', groupBy: '$1', ...fields })
const joinB = (fields = {}) => pfs('b', '/(*)-*', { joinOn: '$1', groupBy: '$1', ...fields })

test('join pairs files of one key; outer members stay where others lack it', async () => {
  const pairs = ['a:/k2-a b:/k2-x', 'a:/k2-a b:/k2-y', 'a:/k2-b b:/k2-x', 'a:/k2-b b:/k2-y']
  expect(await datums(join(joinA(), joinB()), keyed)).toEqual(pairs)
  expect(await datums(join(joinA({ outerJoin: true }), joinB()), keyed)).toEqual([
    'a:/k1-a',
    ...pairs,
  ])
  const both = join(joinA({ outerJoin: true }), joinB({ outerJoin: true }))
  expect(await datums(both, keyed)).toEqual(['a:/k1-a', ...pairs, 'b:/k3-x'])
})

test('a join_on that names no group makes one key of everything', async () => {
  const everything = join(pfs('a', '/*', { joinOn: '$1' }), pfs('b', '/*', { joinOn: '$1' }))
  expect(await datums(everything, keyed)).toHaveLength(9)
})

test('group makes one datum for each key with all files that have it', async () => {
  expect(await datums(group(joinA(), joinB()), keyed)).toEqual([
    'a:/k1-a',
    'a:/k2-a a:/k2-b b:/k2-x b:/k2-y',
    'b:/k3-x',
  ])
})

test('an outer group or join takes the files of inner datums one by one', async () => {
  const inner = join(joinA(), joinB())
  expect(await datums(group(inner), keyed)).toEqual(['a:/k2-a a:/k2-b b:/k2-x b:/k2-y'])
  expect(await datums(union(group(joinA()), group(joinB())), keyed)).toHaveLength(4)
  const c = pfs('c', '/(*)', { joinOn: '$1' })
  const world = { ...keyed, c: { k2: '' } }
  expect(await datums(join(union(joinA(), joinB()), c), world)).toEqual([
    'a:/k2-a c:/k2',
    'a:/k2-b c:/k2',
    'b:/k2-x c:/k2',
    'b:/k2-y c:/k2',
  ])
})

test('a change names the inputs whose content differs, and a reference input causes none', async () => {
  const input = cross(pfs('a', '/*'), pfs('b', '/*', { reference: true }))
  const before = { a: { x: '1', y: '1' }, b: { r: '1' } }
  const { index } = await all(input, before)
  const reference = await changes(input, before, { ...before, b: { r: '2' } }, index)
  expect(reference.found).toEqual([])
  const content = await changes(input, before, { ...before, a: { x: '2', y: '1' } }, index)
  expect(content.found).toMatchObject([{ kind: 'change', changed: [{ name: 'a', path: 'x' }] }])
})

test.each<[string, Input, string[]]>([
  ['pfs', pfs('a', '/*'), ['x']],
  ['a directory', pfs('a', '/d*'), ['d']],
  ['the root', pfs('a', '/'), ['']],
  ['cross', cross(pfs('a', '/x'), pfs('b', '/')), ['x']],
  ['join', join(pfs('a', '/(x)', { joinOn: '' }), pfs('b', '/*', { joinOn: '' })), ['x']],
  ['group', group(pfs('a', '/(x)', { groupBy: '$1' })), ['x']],
  ['composite group', group(cross(pfs('a', '/x'), pfs('b', '/'))), ['x']],
  ['reference', pfs('a', '/*', { reference: true }), []],
])('a file that only got or lost its executable bit is a change: %s', async (_, input, paths) => {
  const before: World = { a: { x: '1', y: '1', 'd/z': '1' }, b: { r: '1' } }
  const after: World = { a: { x: '#!1', y: '1', 'd/z': '#!1' }, b: { r: '1' } }
  for (const [from, to] of [
    [before, after],
    [after, before],
  ] as const) {
    const { index } = await all(input, from)
    const { found } = await changes(input, from, to, index)
    const changed = found.flatMap((each) => (each.kind === 'change' ? each.changed : []))
    for (const path of paths) expect(changed).toContainEqual({ name: 'a', path })
    expect(changed.some(({ path }) => path === 'y' || path === 'r')).toBe(false)
    expect(found.length > 0).toBe(paths.length > 0)
    await checkIncremental(input, from, to)
  }
})

test('empty files and keys are part of what a datum is; lazy is not', async () => {
  const content = async (fields: object) => {
    const { datums } = await all(pfs('a', '/(1)', fields), two)
    return [...datums.values()][0]?.content
  }
  const plain = await content({})
  expect(await content({ lazy: true })).toBe(plain)
  expect(await content({ emptyFiles: true })).not.toBe(plain)
  expect(await content({ joinOn: '$1' })).not.toBe(plain)
})

/* ---- Incremental equals full ---- */

const fileName = fc.constantFrom('k1-a', 'k1-b', 'k2-a', 'k2-b', 'd/k1-a', 'd/k2-b', 'd/e/k1', 'k3')
const files = fc.dictionary(fileName, fc.constantFrom('1', '2', '#!1'), { maxKeys: 7 })
const noConflict = (tree: Files) =>
  Object.keys(tree).every(
    (path) => !Object.keys(tree).some((other) => other.startsWith(`${path}/`)),
  )
const world = fc.record({
  a: files.filter(noConflict),
  b: files.filter(noConflict),
  c: files.filter(noConflict),
})

const leaf = (name: string) =>
  fc
    .record({
      glob: fc.constantFrom(
        '/',
        '/*',
        '/**',
        '/(*)-*',
        '/*(d/)(k?)-(*)',
        '/d/*',
        '/k1*',
        '/{k1,k2}-(*)',
      ),
      joinOn: fc.constantFrom('$1', '$2', ''),
      groupBy: fc.constantFrom('$1', '$2', ''),
      outerJoin: fc.boolean(),
      reference: fc.integer({ min: 0, max: 4 }).map((die) => die === 0),
      emptyFiles: fc.boolean(),
    })
    .map(({ glob, ...fields }): Input => pfs(name, glob, fields))
const kinds = fc.constantFrom(cross, union, join, group)
const leaves = fc.tuple(leaf('a'), leaf('b'), leaf('c'))
const simple = fc.oneof(
  leaf('a'),
  fc.constant(cron('a')),
  fc
    .tuple(kinds, leaves, fc.integer({ min: 1, max: 3 }))
    .map(([kind, inputs, count]) => kind(...inputs.slice(0, count))),
)
const sameRepoUnion = fc.tuple(leaf('a'), leaf('a'), leaf('b')).map((inputs) => union(...inputs))
const nested = fc
  .tuple(kinds, kinds, leaves)
  .map(([outer, inner, [a, b, c]]) => outer(inner(a, b), c))
const nestedSame = fc
  .tuple(kinds, kinds, leaf('a'), leaf('b'), leaf('a'))
  .map(([one, two, a, b, again]) => union(one(a, b), two(again)))

async function checkIncremental(input: Input, before: World, after: World) {
  const old = await all(input, before)
  const fresh = await all(input, after)
  const { found, edits } = await changes(input, before, after, old.index)
  const result = new Map([...old.datums].map(([id, datum]) => [id, datum.content]))
  const seen = new Set<string>()
  for (const change of found) {
    const id = change.kind === 'remove' ? change.id : change.datum.id
    expect(seen.has(id), 'one id twice').toBe(false)
    seen.add(id)
    expect(result.has(id), `${change.kind} of ${id}`).toBe(change.kind !== 'add')
    if (change.kind === 'remove') result.delete(id)
    else result.set(id, change.datum.content)
    if (change.kind === 'change') expect(change.changed.length).toBeGreaterThan(0)
  }
  expect(result).toEqual(new Map([...fresh.datums].map(([id, datum]) => [id, datum.content])))
  old.index.apply(edits)
  expect(old.index.texts).toEqual(fresh.index.texts)
}

test.each([
  ['leaves, crosses, unions, joins and groups of repos', simple],
  ['unions of one repo', sameRepoUnion],
  ['nested inputs', nested],
  ['unions of composites that share a repo', nestedSame],
])('planChanges applied to the old datums gives the new ones: %s', async (_, shapes) => {
  await fc.assert(fc.asyncProperty(shapes, world, world, checkIncremental), { numRuns: 600 })
})

/* ---- Cost follows the change ---- */

const many = (count: number, text = '1'): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}-x`, text]))

test.each<[string, Input]>([
  ['pfs', pfs('a', '/*')],
  ['cron', cron('a')],
  ['union', union(pfs('a', '/*'), pfs('b', '/*'))],
  ['join', join(joinA(), joinB())],
  ['outer join', join(joinA({ outerJoin: true }), joinB())],
  ['group', group(joinA(), joinB())],
  ['cross with a small member', cross(pfs('a', '/*'), pfs('c', '/'))],
  ['cross of joins', cross(join(joinA(), joinB()), pfs('c', '/'))],
])(
  'one changed, one added and one removed file of 300 cost a handful of questions: %s',
  async (_, input) => {
    const before: World = { a: many(300), b: many(300), c: { only: '1' } }
    const next = many(300)
    next['k7-x'] = '2'
    next['new-x'] = '1'
    delete next['k9-x']
    const { index } = await all(input, before)
    const { found, listed, read } = await changes(input, before, { ...before, a: next }, index)
    expect(found.length).toBeGreaterThan(1)
    expect(found.length).toBeLessThanOrEqual(6)
    expect(listed).toBeLessThanOrEqual(2)
    expect(read).toBeLessThanOrEqual(30)
  },
)

test('a join without keys does not list its large side when that side changes', async () => {
  const input = join(pfs('a', '/*', { joinOn: '$1' }), pfs('c', '/*', { joinOn: '$1' }))
  const before: World = { a: many(300), c: { only: '1' } }
  const { index } = await all(input, before)
  const after: World = { ...before, a: { ...many(300), 'k7-x': '2' } }
  const { found, listed, read } = await changes(input, before, after, index)
  expect(found).toHaveLength(1)
  expect(listed).toBe(0)
  expect(read).toBeLessThanOrEqual(10)
})
