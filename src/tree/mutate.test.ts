import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryNodes } from './memory-nodes.fixture.ts'
import { mutateTree } from './mutate.ts'
import { EMPTY_TREE } from './node-format.ts'
import { applyToModel, keyPool, rebuild, type Model } from './model.fixture.ts'
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
    { numRuns: 150 },
  )
})
