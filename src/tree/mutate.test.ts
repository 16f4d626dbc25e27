import fc from 'fast-check'
import { EMPTY_TREE } from '../model/index.ts'
import { expect, test } from 'vitest'
import { MemoryNodes } from './memory-nodes.fixture.ts'
import { mutateTree } from './mutate.ts'
import { applyToModel, keyPool, rebuild, sortedEntries, type Model } from './model.fixture.ts'
import { scanTree } from './scan.ts'
import { totals } from './seek.ts'
import type { TreeEdit } from './types.ts'

const pool = keyPool(6000)

const edit = fc.record({
  key: fc.nat(pool.length - 1),
  value: fc.option(fc.nat(500), { nil: undefined }),
})

function toEdits(drawn: readonly { key: number; value: number | undefined }[]): TreeEdit[] {
  const byKey = new Map<string, TreeEdit>()
  for (const { key, value } of drawn) {
    const name = pool[key] ?? ''
    const entry =
      value === undefined ? undefined : { value: Buffer.alloc(value % 97, value), size: value * 7 }
    byKey.set(name, { key: name, entry })
  }
  return [...byKey.values()]
}

test('any history of edits gives the root a rebuild gives', async () => {
  const batches = fc.array(
    fc.oneof(
      fc.array(edit, { maxLength: 12 }).map(toEdits),
      fc.tuple(fc.nat(pool.length), fc.nat(3000), fc.boolean()).map(([from, length, put]) =>
        pool.slice(from, from + length).map((key) => ({
          key,
          entry: put ? { value: Buffer.alloc(33, key), size: key.length } : undefined,
        })),
      ),
    ),
    { minLength: 1, maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(batches, async (history) => {
      const nodes = new MemoryNodes()
      const model: Model = new Map()
      let root = EMPTY_TREE
      for (const edits of history) {
        root = await mutateTree(nodes, root, edits, nodes)
        applyToModel(model, edits)
        expect(root).toBe(await rebuild(model))
      }
    }),
    { numRuns: 60 },
  )
})

test('a tree of one whole node keeps it when entries follow behind', async () => {
  const nodes = new MemoryNodes()
  const model: Model = new Map()
  for (const key of pool) model.set(key, { value: Buffer.alloc(33), size: 1 })
  await rebuild(model, nodes)
  // The first leaf of a larger tree ends by the rule, not because nothing follows.
  const first = sortedEntries(model).slice(0, await firstLeafLength(nodes, model))
  const whole: Model = new Map(first.map(({ key, ...entry }) => [key, entry]))
  const root = await rebuild(whole, nodes)
  const next = sortedEntries(model)[first.length]
  if (next === undefined) throw new Error('the pool has one leaf only')
  const edits = [{ key: next.key, entry: { value: next.value, size: next.size } }]
  applyToModel(whole, edits)
  const mutated = await mutateTree(nodes, root, edits, nodes)
  expect(mutated).toBe(await rebuild(whole))
  expect((await totals(nodes, mutated)).count).toBe(first.length + 1)
})

async function firstLeafLength(nodes: MemoryNodes, model: Model): Promise<number> {
  for await (const batch of scanTree(nodes, await rebuild(model))) return batch.length
  return 0
}

const some = (keys: readonly string[]): TreeEdit[] =>
  keys.map((key) => ({ key, entry: { value: Buffer.from(key), size: 1 } }))
const none = (keys: readonly string[]): TreeEdit[] => keys.map((key) => ({ key, entry: undefined }))

test('a tree that loses all but one entry shrinks to the leaf of that entry', async () => {
  const nodes = new MemoryNodes()
  const root = await mutateTree(nodes, EMPTY_TREE, some(pool), nodes)
  for (const keep of [0, 2500, pool.length - 1]) {
    const gone = pool.filter((_, i) => i !== keep)
    const small = await mutateTree(nodes, root, none(gone), nodes)
    expect(small).toBe(await mutateTree(nodes, EMPTY_TREE, some(pool.slice(keep, keep + 1)), nodes))
  }
  expect(await mutateTree(nodes, root, none(pool), nodes)).toBe(EMPTY_TREE)
})

test('edits that change nothing keep the root and write no node that is new', async () => {
  const nodes = new MemoryNodes()
  const root = await mutateTree(nodes, EMPTY_TREE, some(pool), nodes)
  const stored = nodes.nodes.size
  const idle = [...some(pool.slice(3, 9)), ...none(['not there', 'zz'])]
  expect(await mutateTree(nodes, root, idle, nodes)).toBe(root)
  expect(await mutateTree(nodes, root, [], nodes)).toBe(root)
  expect(await mutateTree(nodes, EMPTY_TREE, none(['a']), nodes)).toBe(EMPTY_TREE)
  expect(nodes.nodes.size).toBe(stored)
})

test('one edit reads and writes one path', async () => {
  const nodes = new MemoryNodes()
  const root = await mutateTree(nodes, EMPTY_TREE, some(pool), nodes)
  nodes.loaded = 0
  nodes.added = 0
  const key = pool[3000] ?? ''
  await mutateTree(nodes, root, [{ key, entry: { value: Buffer.from(key), size: 9 } }], nodes)
  expect(nodes.loaded).toBeLessThanOrEqual(3)
  expect(nodes.added).toBeLessThanOrEqual(3)
})

test('naming a key twice in one batch is a bug of the caller', async () => {
  const nodes = new MemoryNodes()
  const twice = mutateTree(nodes, EMPTY_TREE, some(['a', 'a']), nodes)
  await expect(twice).rejects.toThrow('name the key a')
})
