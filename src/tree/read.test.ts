import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { comparePaths, EMPTY_TREE, type Digest } from '../model/index.ts'
import { cachedLoader } from './cached-loader.ts'
import { listChildren } from './list.ts'
import { MemoryNodes } from './memory-nodes.fixture.ts'
import { drain, keyPool, rebuild, sortedEntries, type Model } from './model.fixture.ts'
import { proveEntry, verifyEntry } from './proof.ts'
import { scanTree } from './scan.ts'
import { entryAt, getEntries, totals } from './seek.ts'
import type { TreeChild, TreeEntry } from './types.ts'
import { missingNodes, walkNodes } from './walk.ts'

const pool = keyPool(9000)
const model: Model = new Map()
pool.forEach((key, i) => {
  if (i % 3 !== 0) model.set(key, { value: Buffer.from(`value of ${key}`), size: i })
})
const all = sortedEntries(model)
const nodes = new MemoryNodes()
let root: Digest = EMPTY_TREE

beforeAll(async () => {
  root = await rebuild(model, nodes)
})

const bound = fc.oneof(
  fc.constantFrom(...pool),
  fc.constantFrom(...pool).map((key) => key.slice(0, Math.ceil(key.length / 2)).toWellFormed()),
  fc.constantFrom('', 'class-1', 'class-1/', 'class-12/image-5', 'zzz', 'été/', '\u{10ffff}'),
)
const maybe = fc.option(bound, { nil: undefined })
const range = fc
  .record({ prefix: maybe, from: maybe, after: maybe, to: maybe })
  .map((drawn) =>
    Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined)),
  )

function inRange(key: string, bounds: Record<string, string | undefined>): boolean {
  const { prefix = '', from = '', after, to } = bounds
  return (
    key.startsWith(prefix) &&
    comparePaths(key, from) >= 0 &&
    (after === undefined || comparePaths(key, after) > 0) &&
    (to === undefined || comparePaths(key, to) < 0)
  )
}

function plain(entries: readonly (TreeEntry | undefined)[]): unknown[] {
  return entries.map((entry) => entry && [entry.key, Buffer.from(entry.value), entry.size])
}

test('a scan gives the entries of its range in key order', async () => {
  await fc.assert(
    fc.asyncProperty(range, async (bounds) => {
      const expected = all.filter((entry) => inRange(entry.key, bounds))
      const scanned = await drain(scanTree(nodes, root, bounds))
      expect(plain(scanned)).toEqual(plain(expected))
    }),
    { numRuns: 40 },
  )
})

test('totals of a range agree with a scan of it', async () => {
  await fc.assert(
    fc.asyncProperty(range, async (bounds) => {
      const expected = all.filter((entry) => inRange(entry.key, bounds))
      const size = expected.reduce((sum, entry) => sum + entry.size, 0)
      expect(await totals(nodes, root, bounds)).toEqual({ count: expected.length, size })
    }),
    { numRuns: 100 },
  )
})

test('totals read two nodes a level at most', async () => {
  nodes.loaded = 0
  await totals(nodes, root, { from: pool[700] ?? '', to: pool[8000] ?? '' })
  expect(nodes.loaded).toBeLessThanOrEqual(2 * 3)
})

test('entries are found by key, wherever they are asked for in the list', async () => {
  const keys = [...pool].reverse()
  keys.push('', 'nowhere', '\u{10ffff}', pool[1] ?? '')
  const found = await getEntries(nodes, root, keys)
  const expected = keys.map((key) => {
    const entry = model.get(key)
    return entry && { key, ...entry }
  })
  expect(plain(found)).toEqual(plain(expected))
})

test('entries are found by number', async () => {
  for (let index = 0; index < all.length; index += 97) {
    expect(plain([await entryAt(nodes, root, index)])).toEqual(plain(all.slice(index, index + 1)))
  }
  expect(await entryAt(nodes, root, all.length)).toBeUndefined()
  expect(await entryAt(nodes, root, -1)).toBeUndefined()
  expect(await entryAt(nodes, root, 0.5)).toBeUndefined()
})

/** The children as `ls` would show them, from the model alone. */
function childrenOf(prefix: string): unknown[] {
  const children: { kind: string; name: string; count: number; size: number }[] = []
  for (const { key, size } of all) {
    if (!key.startsWith(prefix)) continue
    const rest = key.slice(prefix.length)
    const slash = rest.indexOf('/')
    const kind = slash < 0 ? 'file' : 'directory'
    const name = slash < 0 ? rest : rest.slice(0, slash)
    const last = children.at(-1)
    if (last?.kind === 'directory' && kind === 'directory' && last.name === name) {
      last.count++
      last.size += size
    } else children.push({ kind, name, count: 1, size })
  }
  return children
}

function shown(children: readonly TreeChild[]): unknown[] {
  return children.map((child) =>
    child.kind === 'file'
      ? { kind: 'file', name: child.name, count: 1, size: child.entry.size }
      : { kind: 'directory', name: child.name, ...child.totals },
  )
}

describe('listing', () => {
  const prefixes = ['', 'class-1/', 'class-1', 'été/', 'été/森/', 'class-9/image-1', 'nowhere/']

  test.each(prefixes)('children of "%s" agree with the model', async (prefix) => {
    expect(shown(await listChildren(nodes, root, { prefix }))).toEqual(childrenOf(prefix))
  })

  test.each(prefixes)('pages of "%s" put together are the whole listing', async (prefix) => {
    for (const limit of [1, 7, 100]) {
      const paged: TreeChild[] = []
      for (let pages = 0; pages < 60; pages++) {
        const after = paged.at(-1)
        const options = { prefix, limit, ...(after === undefined ? {} : { after }) }
        const page = await listChildren(nodes, root, options)
        paged.push(...page)
        if (page.length < limit) break
      }
      expect(shown(paged)).toEqual(childrenOf(prefix).slice(0, paged.length))
      expect(paged.length).toBe(Math.min(childrenOf(prefix).length, 60 * limit))
    }
  })

  test('directories are counted without reading what is in them', async () => {
    nodes.loaded = 0
    await listChildren(nodes, root, { prefix: '' })
    const read = nodes.loaded
    nodes.loaded = 0
    await drain(scanTree(nodes, root))
    expect(read).toBeLessThan(nodes.loaded / 2)
  })
})

test('a proof shows that an entry is there, or that it is not, and nothing else', async () => {
  for (const [i, key] of pool.entries()) {
    if (i % 60 > 1) continue
    const proof = await proveEntry(nodes, root, key)
    const result = verifyEntry(root, key, proof)
    expect(result.kind).toBe(model.has(key) ? 'present' : 'absent')
    if (result.kind === 'present') {
      expect(plain([result.entry])).toEqual(plain([{ key, ...model.get(key) } as TreeEntry]))
    }
    const other = pool[(i + 4000) % pool.length] ?? ''
    expect(verifyEntry(root, other, proof).kind).not.toBe(model.has(other) ? 'absent' : 'present')
    expect(verifyEntry(root, key, { nodes: proof.nodes.slice(1) }).kind).toBe('invalid')
    expect(verifyEntry(root, key, { nodes: proof.nodes.slice(0, -1) }).kind).toBe('invalid')
  }
  const behind = await proveEntry(nodes, root, '\u{10ffff}')
  expect(behind.nodes.length).toBe(1)
  expect(verifyEntry(root, '\u{10ffff}', behind).kind).toBe('absent')
})

test('a proof with any byte changed is invalid', async () => {
  const key = all[1234]?.key ?? ''
  const proof = await proveEntry(nodes, root, key)
  const place = fc.nat(proof.nodes.length - 1).chain((node) =>
    fc.record({
      node: fc.constant(node),
      at: fc.nat((proof.nodes[node]?.length ?? 1) - 1),
      flip: fc.integer({ min: 1, max: 255 }),
    }),
  )
  fc.assert(
    fc.property(place, ({ node, at, flip }) => {
      const forged = proof.nodes.map((bytes) => Buffer.from(bytes))
      const bytes = forged[node] ?? Buffer.alloc(0)
      bytes[at] = (bytes[at] ?? 0) ^ flip
      expect(verifyEntry(root, key, { nodes: forged }).kind).toBe('invalid')
    }),
  )
})

test('a walk visits every node once and finds every entry', async () => {
  const walked = await drain(walkNodes(nodes, [root, EMPTY_TREE, root]))
  const digests = walked.map((node) => node.digest)
  expect(new Set(digests).size).toBe(digests.length)
  expect(digests.length).toBe(nodes.nodes.size)
  const keys = walked.flatMap((node) => node.entries.map((entry) => entry.key))
  expect(keys.sort(comparePaths)).toEqual(all.map((entry) => entry.key))
})

test('a walk that is told of damage names the damaged nodes and goes on', async () => {
  const holes = new MemoryNodes()
  for (const [digest, bytes] of nodes.nodes) holes.nodes.set(digest, bytes)
  const leaves = (await drain(walkNodes(nodes, [root]))).filter((node) => node.level === 0)
  const [gone, cut] = [leaves[3], leaves[17]]
  if (gone === undefined || cut === undefined) throw new Error('the tree is too small')
  holes.nodes.delete(gone.digest)
  holes.nodes.set(cut.digest, cut.bytes.subarray(0, 100))
  const damaged: Digest[] = []
  const walk = walkNodes(holes, [root], { onDamage: (digest) => damaged.push(digest) })
  const walked = await drain(walk)
  expect(damaged.sort()).toEqual([gone.digest, cut.digest].sort())
  expect(walked.length).toBe(nodes.nodes.size - 2)
  await expect(drain(walkNodes(holes, [root]))).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
})

test('what the other side lacks is what has to be sent, and no more', async () => {
  const smaller: Model = new Map(model)
  for (const key of pool.slice(2000, 2004)) smaller.delete(key)
  const remote = new MemoryNodes()
  await rebuild(smaller, remote)
  const before = remote.nodes.size
  const has = (digests: readonly Digest[]): Promise<boolean[]> =>
    Promise.resolve(digests.map((digest) => remote.nodes.has(digest)))
  const sent = await drain(missingNodes(nodes, [root, EMPTY_TREE], has))
  for (const node of sent) remote.add(node.digest, node.bytes)
  expect(remote.nodes.size).toBe(before + sent.length)
  expect(sent.length).toBeLessThan(10)
  expect(plain(await drain(scanTree(remote, root)))).toEqual(plain(all))
  expect(await drain(missingNodes(nodes, [root], has))).toEqual([])
})

test('a cached loader answers alike, reads a node once and stays within its size', async () => {
  const source = new MemoryNodes()
  for (const [digest, bytes] of nodes.nodes) source.nodes.set(digest, bytes)
  const cached = cachedLoader(source)
  await drain(scanTree(cached, root))
  expect(plain(await drain(scanTree(cached, root)))).toEqual(plain(all))
  expect(source.loaded).toBe(nodes.nodes.size)

  source.loaded = 0
  const small = cachedLoader(source, { maxBytes: 20_000 })
  await drain(scanTree(small, root))
  expect(plain(await drain(scanTree(small, root)))).toEqual(plain(all))
  expect(source.loaded).toBeGreaterThan(nodes.nodes.size)
})

test('the empty tree needs no node', async () => {
  const nowhere = new MemoryNodes()
  expect(await drain(scanTree(nowhere, EMPTY_TREE))).toEqual([])
  expect(await totals(nowhere, EMPTY_TREE)).toEqual({ count: 0, size: 0 })
  expect(await entryAt(nowhere, EMPTY_TREE, 0)).toBeUndefined()
  expect(await getEntries(nowhere, EMPTY_TREE, ['a'])).toEqual([undefined])
  expect(await listChildren(nowhere, EMPTY_TREE, { prefix: '' })).toEqual([])
  expect(await drain(walkNodes(nowhere, [EMPTY_TREE]))).toEqual([])
  const proof = await proveEntry(nowhere, EMPTY_TREE, 'a')
  expect(verifyEntry(EMPTY_TREE, 'a', proof).kind).toBe('absent')
  expect(nowhere.loads).toBe(0)
})
