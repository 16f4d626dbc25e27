import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryNodes } from './memory-nodes.fixture.ts'
import { keyPool, rebuild, type Model } from './model.fixture.ts'
import { hasPrefixes } from './seek.ts'

const value = Buffer.alloc(32, 7)
const modelOf = (keys: readonly string[]): Model =>
  new Map(keys.map((key) => [key, { value, size: 1 }]))

test('whether keys start with a text is known of many texts at once, whatever the tree holds', async () => {
  const pool = keyPool(3000)
  const texts = fc.oneof(
    fc.constantFrom(...pool).map((key) => key.slice(0, key.length >> 1)),
    fc.constantFrom(...pool).map((key) => `${key}/`),
    fc.constantFrom('', 'class-1/', 'class-13/', 'zz', '\u{10ffff}', 'été/森'),
  )
  const parts = fc.tuple(
    fc.nat(pool.length),
    fc.nat(pool.length),
    fc.array(texts, { maxLength: 50 }),
  )
  const check = fc.asyncProperty(parts, async ([from, to, prefixes]) => {
    const keys = pool.slice(from, to)
    const nodes = new MemoryNodes()
    const root = await rebuild(modelOf(keys), nodes)
    const wanted = prefixes.map((prefix) => keys.some((key) => key.startsWith(prefix)))
    expect(await hasPrefixes(nodes, root, prefixes)).toEqual(wanted)
  })
  await fc.assert(check, { numRuns: 30 })
})
