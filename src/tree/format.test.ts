import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf, EMPTY_TREE, isVarveError, type Digest } from '../model/index.ts'
import { hazardTable, keySplits, MAX_NODE_WEIGHT, splitThreshold } from './boundary.ts'
import { buildTree } from './build.ts'
import { MemoryNodes } from './memory-nodes.fixture.ts'
import { drain, edits, keyPool, rebuild, type Model } from './model.fixture.ts'
import { mutateTree } from './mutate.ts'
import { emptyNodeBytes } from './node-format.ts'
import { decodeNode, entryAtIndex } from './node-reader.ts'
import { scanTree } from './scan.ts'
import { checkedVarint, readVarint, varintLength, writeVarint } from './varint.ts'
import { walkNodes } from './walk.ts'
import { xxhash32 } from './xxhash32.ts'

const someDigest = digestOf('any')

describe('golden roots: a change here is a change of the format and takes a new format id', () => {
  test('the empty tree', () => {
    expect(EMPTY_TREE).toBe('900ecfdddaca7121064298dd839c4b4adb6ecdfaba7ee4179f27dec8b3445ab2')
    expect(digestOf(emptyNodeBytes)).toBe(EMPTY_TREE)
  })

  test('the worked example of docs/format/tree.md', async () => {
    const nodes = new MemoryNodes()
    const example: Model = new Map([
      ['images/cat.jpg', { value: Buffer.from('c1'), size: 300 }],
      ['images/café.png', { value: Buffer.from('c2'), size: 5 }],
      ['images/dog.jpg', { value: Buffer.alloc(0), size: 0 }],
    ])
    const root = await rebuild(example, nodes)
    expect(Buffer.from(nodes.nodes.get(root) ?? []).toString('hex')).toBe(
      [
        '56543100 03000000 07000000', // format id and level, count, prefix length
        '00000000 0e000000 1b000000', // where the entries start
        '696d616765732f', // prefix "images/"
        '09 636166c3a92e706e67 02 6332 05', // "café.png", value "c2", size 5
        '07 6361742e6a7067 02 6331 ac02', // "cat.jpg", value "c1", size 300
        '07 646f672e6a7067 00 00', // "dog.jpg", no value, size 0
      ]
        .join('')
        .replaceAll(' ', ''),
    )
    expect(root).toBe('cfc6c6e45e05286180bb98409f839ffbd3a9a1ce8cefdc924b0a06bdc8df3d07')
  })

  test('ten thousand keys in many scripts', async () => {
    const model: Model = new Map()
    keyPool(10_000).forEach((key, i) => {
      model.set(key, { value: Buffer.from(digestOf(key).slice(0, 40)), size: i * 1000 })
    })
    expect(await rebuild(model)).toBe(
      '359473fa058e5207cc1a85448f0a60cc9a41e190cb0aa576682d81459b2dcb06',
    )
  })
})

describe('boundaries', () => {
  test('the hash is XXH32 as published', () => {
    const hashOf = (text: string, seed = 0): number => {
      const bytes = Buffer.from(`.${text}`)
      return xxhash32(bytes, 1, bytes.length, seed)
    }
    expect(hashOf('')).toBe(0x02cc5d05)
    expect(hashOf('a')).toBe(0x550d7456)
    expect(hashOf('abc')).toBe(0x32d153ff)
    expect(hashOf('Nobody inspects the spammish repetition')).toBe(0xe2293b2f)
    expect(hashOf('abc', 1)).not.toBe(hashOf('abc'))
  })

  test('the table is the hazard of a Weibull distribution of shape 4 and mean 16 KiB', () => {
    const scale = (2 ** 61 / 22) ** 0.25
    const gammaOfFiveQuarters = 0.906402477
    expect(scale * gammaOfFiveQuarters).toBeCloseTo(16_308, -1)
    hazardTable.forEach((rate, bucket) => {
      const middle = 1024 * bucket + 512
      expect(rate / ((4 * middle ** 3 * 2 ** 32) / scale ** 4)).toBeCloseTo(1, 9)
    })
  })

  test('small nodes never end, full ones always do, and the chance grows in between', () => {
    expect(splitThreshold(0, 2047)).toBe(0)
    expect(splitThreshold(0, MAX_NODE_WEIGHT)).toBe(2 ** 32)
    let before = 0
    for (let weight = 2048; weight < 60 * 1024; weight += 1024) {
      const threshold = splitThreshold(weight, 100)
      expect(threshold).toBeGreaterThan(before)
      before = threshold
    }
  })
})

/** Keys chosen so that the hash ends a node wherever it may, or never where it need not. */
function chosenKeys(count: number, wantSplit: boolean): string[] {
  const keys: string[] = []
  for (let i = 0; keys.length < count; i++) {
    const key = String(i).padStart(9, '0')
    const bytes = Buffer.from(key)
    const rule = { level: 0, threshold: wantSplit ? 2 ** 27 : 2 ** 30 }
    if (keySplits(bytes, 0, bytes.length, rule) === wantSplit) keys.push(key)
  }
  return keys
}

test.each([true, false])(
  'nodes stay within limits for chosen keys (splitting: %s)',
  async (split) => {
    const nodes = new MemoryNodes()
    const keys = chosenKeys(split ? 4000 : 20_000, split)
    const root = await mutateTree(nodes, EMPTY_TREE, edits(keys, Buffer.alloc(33)), nodes)
    const walked = await drain(walkNodes(nodes, [root]))
    const sizes = walked.map((node) => node.bytes.length)
    expect(Math.max(...sizes)).toBeLessThan(MAX_NODE_WEIGHT + 200)
    expect(Math.max(...walked.map((node) => node.level))).toBeLessThan(4)
    const gone = keys.filter((_, i) => i % 3 === 0)
    const rest = keys.filter((_, i) => i % 3 !== 0)
    const removed = gone.map((key) => ({ key, entry: undefined }))
    const fresh = await mutateTree(nodes, EMPTY_TREE, edits(rest, Buffer.alloc(33)), nodes)
    expect(await mutateTree(nodes, root, removed, nodes)).toBe(fresh)
  },
)

test('entries larger than a node, the longest keys and astral keys come back as they were', async () => {
  const nodes = new MemoryNodes()
  const model: Model = new Map()
  for (let i = 0; i < 40; i++) {
    model.set(`${'k'.repeat(60_000)}${i}`, { value: Buffer.alloc(5, i), size: i })
    model.set(`big-${i}`, { value: Buffer.alloc(100_000, i), size: 2 ** 46 })
    model.set(`\u{1f600}\u{10ffff}${i}`, { value: Buffer.alloc(0), size: 0 })
  }
  model.set('\u{1f600}'.repeat(16_383), { value: Buffer.from('x'), size: 1 })
  const root = await rebuild(model, nodes)
  const scanned = await drain(scanTree(nodes, root))
  expect(scanned.length).toBe(model.size)
  for (const { key, value, size } of scanned) {
    expect(size).toBe(model.get(key)?.size)
    expect(Buffer.compare(value, model.get(key)?.value ?? Buffer.of(0))).toBe(0)
  }
  const one = [...model.keys()].slice(0, 30).map((key) => ({ key, entry: undefined }))
  for (const { key } of one) model.delete(key)
  expect(await mutateTree(nodes, root, one, nodes)).toBe(await rebuild(model))
})

test.each(['', 'x'.repeat(65_536), 'lone \ud800 surrogate'])(
  'a key no tree can hold is refused',
  async (key) => {
    const build = buildTree([{ key, value: Buffer.alloc(1), size: 1 }], new MemoryNodes())
    await expect(build).rejects.toMatchObject({ code: 'PATH_INVALID' })
  },
)

test('a build from keys out of order is a bug of the caller, across nodes too', async () => {
  const entry = (key: string) => ({ key, value: Buffer.alloc(70_000), size: 1 })
  await expect(buildTree([entry('b'), entry('a')], new MemoryNodes())).rejects.toThrow('order')
  await expect(buildTree([entry('a'), entry('a')], new MemoryNodes())).rejects.toThrow('order')
})

test('numbers survive their encoding, and only the shortest encoding is taken', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      const bytes = Buffer.alloc(12)
      const end = writeVarint(bytes, 1, value)
      expect(end - 1).toBe(varintLength(value))
      expect(readVarint(bytes, 1)).toBe(value)
      expect(checkedVarint(bytes, 1, end)).toBe(value)
      expect(checkedVarint(bytes, 1, end - 1)).toBe(-1)
    }),
  )
  expect(checkedVarint(Buffer.of(0x80, 0), 0, 2)).toBe(-1)
  expect(checkedVarint(Buffer.alloc(9, 0xff), 0, 9)).toBe(-1)
})

describe('hostile bytes', () => {
  function decodeAll(bytes: Uint8Array): void {
    try {
      const node = decodeNode(someDigest, bytes)
      for (let i = 0; i < node.count; i++) entryAtIndex(node, i)
    } catch (error) {
      if (!isVarveError(error, 'STORE_DAMAGED')) throw error
    }
  }

  test('any bytes decode or are reported as damage', () => {
    const header = fc
      .tuple(fc.nat(3), fc.nat(4), fc.nat(4), fc.uint8Array({ maxLength: 80 }))
      .map(([level, count, prefix, rest]) =>
        Buffer.concat([
          Buffer.from('VT1'),
          Buffer.of(level, count, 0, 0, 0, prefix, 0, 0, 0),
          rest,
        ]),
      )
    fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), header), decodeAll), {
      numRuns: 5000,
    })
  })

  test('a node with bytes changed or cut decodes to sound entries or is reported as damage', async () => {
    const nodes = new MemoryNodes()
    const model: Model = new Map()
    for (const key of keyPool(600)) model.set(key, { value: Buffer.from(key.slice(-9)), size: 7 })
    await rebuild(model, nodes)
    const honest = [...nodes.nodes.values()]
    const change = fc.record({
      node: fc.constantFrom(...honest),
      flips: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
        minLength: 1,
        maxLength: 3,
      }),
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
      isCut: fc.boolean(),
      inHeader: fc.boolean(),
    })
    fc.assert(
      fc.property(change, ({ node, flips, keep, isCut, inHeader }) => {
        const bytes = Buffer.from(node)
        const room = inHeader ? 200 : bytes.length
        for (const [at, bits] of flips) {
          const place = Math.min(Math.floor(at * room), bytes.length - 1)
          bytes[place] = (bytes[place] ?? 0) ^ bits
        }
        decodeAll(isCut ? bytes.subarray(0, Math.floor(keep * bytes.length)) : bytes)
      }),
      { numRuns: 2000 },
    )
  })

  test('a child that is not what its parent says of it is reported as damage', async () => {
    const nodes = new MemoryNodes()
    const model: Model = new Map()
    for (const key of keyPool(3000)) model.set(key, { value: Buffer.alloc(33), size: 7 })
    const root = await rebuild(model, nodes)
    const leaves = [...nodes.nodes.keys()].filter((digest) => digest !== root)
    const [first, second] = leaves
    const swapped = {
      load: (digests: readonly Digest[]) =>
        nodes.load(digests.map((digest) => (digest === first && second ? second : digest))),
    }
    await expect(drain(scanTree(swapped, root))).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    const itself = { load: (digests: readonly Digest[]) => nodes.load(digests.map(() => root)) }
    await expect(drain(scanTree(itself, root))).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  })
})
