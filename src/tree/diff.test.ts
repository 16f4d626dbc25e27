import fc from 'fast-check'
import { expect, test } from 'vitest'
import { comparePaths, EMPTY_TREE } from '../model/index.ts'
import { diffTrees } from './diff.ts'
import { MemoryNodes } from './memory-nodes.fixture.ts'
import { mergeTrees } from './merge.ts'
import { drain, keyPool, rebuild, type Model } from './model.fixture.ts'
import { mutateTree } from './mutate.ts'
import type { TreeChange, TreeConflict } from './types.ts'

const pool = keyPool(5000)
const small = fc.array(fc.tuple(fc.nat(pool.length - 1), fc.option(fc.nat(3))), { maxLength: 8 })
const stretch = fc.tuple(fc.nat(pool.length), fc.nat(1500), fc.option(fc.nat(3)))

/** A model and two of its heirs, which share most entries. */
const family = fc
  .record({
    base: fc.array(stretch, { maxLength: 4 }),
    left: fc.tuple(small, fc.array(stretch, { maxLength: 1 })),
    right: fc.tuple(small, fc.array(stretch, { maxLength: 1 })),
  })
  .map(({ base, left, right }) => {
    const start = heir(new Map(), [], base)
    return { base: start, left: heir(start, ...left), right: heir(start, ...right) }
  })

function heir(
  parent: Model,
  single: readonly [number, number | null][],
  stretches: readonly [number, number, number | null][],
): Model {
  const model: Model = new Map(parent)
  const set = (key: string | undefined, value: number | null): void => {
    if (key === undefined) return
    if (value === null) model.delete(key)
    else model.set(key, { value: Buffer.alloc(33, value), size: value })
  }
  for (const [key, value] of single) set(pool[key], value)
  for (const [from, length, value] of stretches) {
    for (const key of pool.slice(from, from + length)) set(key, value)
  }
  return model
}

type Value = { readonly value: Uint8Array; readonly size: number } | undefined

function same(a: Value, b: Value): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.size === b.size && Buffer.compare(a.value, b.value) === 0
}

function keysOf(...models: readonly Model[]): string[] {
  return [...new Set(models.flatMap((model) => [...model.keys()]))].sort(comparePaths)
}

function shown(change: TreeChange | TreeConflict): unknown {
  return Object.fromEntries(
    Object.entries(change).map(([name, part]: [string, string | Exclude<Value, undefined>]) => [
      name,
      typeof part === 'string' ? part : [Buffer.from(part.value).toString('hex'), part.size],
    ]),
  )
}

function naiveDiff(a: Model, b: Model): unknown[] {
  return keysOf(a, b)
    .filter((key) => !same(a.get(key), b.get(key)))
    .map((key) => {
      const before = a.get(key)
      const after = b.get(key)
      return shown({
        key,
        ...(before && { before: { key, ...before } }),
        ...(after && { after: { key, ...after } }),
      })
    })
}

test('a diff is what a comparison of all entries gives, and turns one tree into the other', async () => {
  await fc.assert(
    fc.asyncProperty(family, async ({ left, right }) => {
      const nodes = new MemoryNodes()
      const a = await rebuild(left, nodes)
      const b = await rebuild(right, nodes)
      const changes = await drain(diffTrees(nodes, a, b))
      expect(changes.map(shown)).toEqual(naiveDiff(left, right))
      const edits = changes.map(({ key, after }) => ({ key, entry: after }))
      expect(await mutateTree(nodes, a, edits, nodes)).toBe(b)
      expect(await drain(diffTrees(nodes, a, a))).toEqual([])
    }),
    { numRuns: 30 },
  )
})

test('a diff below a prefix is the part of the diff with that prefix', async () => {
  await fc.assert(
    fc.asyncProperty(
      family,
      fc.constantFrom('class-1', 'class-3/', 'été/森/im'),
      async (f, prefix) => {
        const nodes = new MemoryNodes()
        const a = await rebuild(f.left, nodes)
        const b = await rebuild(f.right, nodes)
        const changes = await drain(diffTrees(nodes, a, b))
        const part = await drain(diffTrees(nodes, a, b, { prefix }))
        expect(part).toEqual(changes.filter((change) => change.key.startsWith(prefix)))
      },
    ),
    { numRuns: 30 },
  )
})

test('a diff reads what differs and leaves the rest', async () => {
  const nodes = new MemoryNodes()
  const model = heir(new Map(), [], [[0, pool.length, 1]])
  const a = await rebuild(model, nodes)
  const key = pool[2500] ?? ''
  const edit = { key, entry: { value: Buffer.alloc(33, 2), size: 5 } }
  const b = await mutateTree(nodes, a, [edit], nodes)
  nodes.loaded = 0
  expect((await drain(diffTrees(nodes, a, b))).map((change) => change.key)).toEqual([key])
  expect(nodes.loaded).toBeLessThanOrEqual(2 * 3)
})

test('a diff against the empty tree lists everything', async () => {
  const nodes = new MemoryNodes()
  const model = heir(new Map(), [], [[0, 3000, 1]])
  const root = await rebuild(model, nodes)
  expect((await drain(diffTrees(nodes, EMPTY_TREE, root))).length).toBe(3000)
  const removed = await drain(diffTrees(nodes, root, EMPTY_TREE))
  expect(removed.every((change) => change.after === undefined)).toBe(true)
})

test('a merge agrees with a merge key by key, and with itself when the sides are swapped', async () => {
  await fc.assert(
    fc.asyncProperty(family, async ({ base, left, right }) => {
      const nodes = new MemoryNodes()
      const sides = {
        base: await rebuild(base, nodes),
        ours: await rebuild(left, nodes),
        theirs: await rebuild(right, nodes),
      }
      const merged: Model = new Map(left)
      const conflicting: string[] = []
      for (const key of keysOf(base, left, right)) {
        const [b, l, r] = [base.get(key), left.get(key), right.get(key)]
        if (same(l, r) || same(r, b)) continue
        if (!same(l, b)) conflicting.push(key)
        else if (r === undefined) merged.delete(key)
        else merged.set(key, r)
      }
      const merge = await mergeTrees(nodes, sides, nodes)
      expect(merge.root).toBe(await rebuild(merged))
      expect(merge.conflicts.map((conflict) => conflict.key)).toEqual(conflicting)
      const swapped = { base: sides.base, ours: sides.theirs, theirs: sides.ours }
      const mirrored = await mergeTrees(nodes, swapped, nodes)
      expect(mirrored.conflicts.map(({ key }) => key)).toEqual(conflicting)
      if (conflicting.length === 0) expect(mirrored.root).toBe(merge.root)
    }),
    { numRuns: 30 },
  )
})

test('a conflict shows the entry of each side that has one', async () => {
  const nodes = new MemoryNodes()
  const one = { value: Buffer.from('1'), size: 1 }
  const two = { value: Buffer.from('2'), size: 2 }
  const base = await rebuild(
    new Map([
      ['a', one],
      ['z', one],
    ]),
    nodes,
  )
  const ours = await rebuild(
    new Map([
      ['a', two],
      ['new', one],
      ['z', one],
    ]),
    nodes,
  )
  const theirs = await rebuild(
    new Map([
      ['new', two],
      ['z', one],
    ]),
    nodes,
  )
  const merge = await mergeTrees(nodes, { base, ours, theirs }, nodes)
  expect(merge.root).toBe(ours)
  expect(merge.conflicts.map(shown)).toEqual([
    { key: 'a', base: ['31', 1], ours: ['32', 2] },
    { key: 'new', ours: ['31', 1], theirs: ['32', 2] },
  ])
})
