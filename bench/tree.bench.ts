/**
 * What do the operations of a tree cost as it grows? Pure kernel: nodes live in memory, so the
 * figures hold no disk. Yardsticks in the same run: each commit against the one at 10 k paths,
 * each diff against a full listing of both trees, the build against SHA-256 of as many bytes.
 */
import { hash } from 'node:crypto'
import { comparePaths, digestOf, EMPTY_TREE, type Digest } from '../src/model/index.ts'
import {
  buildTree,
  cachedLoader,
  diffTrees,
  getEntries,
  listChildren,
  mutateTree,
  scanTree,
  type NodeLoader,
  type NodeSink,
  type TreeEdit,
  type TreeEntry,
} from '../src/tree/index.ts'
import { inTurns, report, scaled, type Contender, type Measurement } from './harness.ts'

class Nodes implements NodeLoader, NodeSink {
  readonly nodes = new Map<Digest, Uint8Array>()
  added = 0
  addedBytes = 0

  load(digests: readonly Digest[]): Promise<readonly Uint8Array[]> {
    return Promise.resolve(digests.map((digest) => this.nodes.get(digest) ?? new Uint8Array()))
  }

  add(digest: Digest, bytes: Uint8Array): void {
    this.added++
    this.addedBytes += bytes.length
    this.nodes.set(digest, bytes)
  }
}

/** Photographs in a thousand directories, as a crawler leaves them. */
function pathsOf(count: number): string[] {
  const width = Math.max(1, Math.floor(count / 1000))
  return Array.from({ length: count }, (_, i) => {
    const directory = String(Math.floor(i / width)).padStart(5, '0')
    return `photos/batch-${directory}/${hash('sha256', String(i)).slice(0, 12)}.jpg`
  }).sort(comparePaths)
}

/** A digest and a byte of flags, as in the tree of a commit. */
const valueBytes = 33

function entryOf(key: string, version = 0): TreeEntry {
  const value = Buffer.alloc(valueBytes)
  Buffer.from(digestOf(`${key} ${version}`), 'hex').copy(value)
  return { key, value, size: sizeOf(key) + version }
}

function sizeOf(key: string): number {
  return 100_000 + key.length * 1013
}

interface Fixture {
  readonly keys: readonly string[]
  /** Values of all entries one after another: a million objects would make every collection slow. */
  readonly values: Buffer
  readonly nodes: Nodes
  readonly root: Digest
}

async function fixtureOf(count: number): Promise<Fixture> {
  const keys = pathsOf(count)
  const values = Buffer.concat(keys.map((key) => entryOf(key).value))
  const nodes = new Nodes()
  return { keys, values, nodes, root: await buildTree(entriesOf(keys, values), nodes) }
}

function* entriesOf(keys: readonly string[], values: Buffer): Generator<TreeEntry> {
  for (const [i, key] of keys.entries()) {
    const value = values.subarray(i * valueBytes, (i + 1) * valueBytes)
    yield { key, value, size: sizeOf(key) }
  }
}

let version = 0

/** Updates, insertions and deletions, spread evenly over the keys. */
function scattered({ keys }: Fixture, count: number): TreeEdit[] {
  version++
  const step = keys.length / count
  return Array.from({ length: count }, (_, i) => {
    const key = keys[Math.floor((i + 0.37) * step)] ?? ''
    const isNew = count > 1 && i % 3 === 1
    const name = isNew ? `${key}-${version}` : key
    if (count > 1 && i % 3 === 2) return { key: name, entry: undefined }
    const { value, size } = entryOf(name, version)
    return { key: name, entry: { value, size } }
  })
}

async function timed(
  times: number,
  task: (turn: number) => Promise<unknown>,
): Promise<Measurement> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  for (let turn = 0; turn < times; turn++) await task(turn)
  const wallSeconds = (performance.now() - start) / 1000 / times
  const { user, system } = process.cpuUsage(cpu)
  const peakMegabytes = process.resourceUsage().maxRSS / 1024
  return { wallSeconds, cpuSeconds: (user + system) / 1e6 / times, peakMegabytes }
}

async function drain(batches: AsyncIterable<readonly unknown[]>): Promise<number> {
  let count = 0
  for await (const batch of batches) count += batch.length
  return count
}

const sizes = [10_000, 100_000, 1_000_000].map((size) => ({ name: `${size / 1000} k`, size }))
const fixtures = new Map<string, Fixture>()
for (const { name, size } of sizes) fixtures.set(name, await fixtureOf(scaled(size)))
const million = fixtures.get('1000 k')
if (million === undefined) throw new Error('no fixture of a million paths')
const { values, keys, nodes, root } = million
const treeBytes = [...nodes.nodes.values()].reduce((sum, bytes) => sum + bytes.length, 0)
const treeNodes = nodes.nodes.size
const plainBytes = Buffer.alloc(treeBytes)

const one = await mutateTree(nodes, root, scattered(million, 1), nodes)
const hundred = await mutateTree(nodes, root, scattered(million, 100), nodes)
const many = Math.round(keys.length / 100)
const manyEdits = scattered(million, many)

const commits: Contender[] = [...fixtures].map(([name, fixture]) => ({
  name: `commit of 1 change, ${name} paths`,
  run: () =>
    timed(50, () => mutateTree(fixture.nodes, fixture.root, scattered(fixture, 1), new Nodes())),
}))
const lookups = Array.from({ length: many }, (_, i) => keys[(i * 7919) % keys.length] ?? '')
const cached = cachedLoader(nodes)

const found = await inTurns([
  {
    name: 'SHA-256 of the bytes of the tree',
    run: () => timed(1, async () => digestOf(plainBytes)),
  },
  { name: 'build', run: () => timed(1, () => buildTree(entriesOf(keys, values), new Nodes())) },
  ...commits,
  {
    name: 'commit of 1 % scattered',
    run: () => timed(1, () => mutateTree(nodes, root, manyEdits, new Nodes())),
  },
  {
    name: 'full listing of two trees',
    run: () =>
      timed(
        1,
        async () => (await drain(scanTree(nodes, root))) + (await drain(scanTree(nodes, one))),
      ),
  },
  { name: 'diff, 1 change', run: () => timed(20, () => drain(diffTrees(nodes, root, one))) },
  { name: 'diff, 100 changes', run: () => timed(5, () => drain(diffTrees(nodes, root, hundred))) },
  {
    name: 'diff against the empty tree',
    run: () => timed(1, () => drain(diffTrees(nodes, EMPTY_TREE, root))),
  },
  {
    name: 'list 1000 directories',
    run: () => timed(1, () => listChildren(nodes, root, { prefix: 'photos/' })),
  },
  {
    name: 'list 1000 directories, cached nodes',
    run: () => timed(1, () => listChildren(cached, root, { prefix: 'photos/' })),
  },
  { name: 'look up 1 % of the keys', run: () => timed(1, () => getEntries(nodes, root, lookups)) },
])

const secondsOf = (name: string): number => found.get(name)?.cpuSeconds ?? Number.NaN
const growth =
  secondsOf('commit of 1 change, 1000 k paths') / secondsOf('commit of 1 change, 10 k paths')
const commitMs = secondsOf('commit of 1 change, 1000 k paths') * 1000
const listing = secondsOf('full listing of two trees')
const buildMicros = (secondsOf('build') / keys.length) * 1e6
const goal = (text: string, value: number, limit: number, unit: string) => ({
  goal: `${text} <= ${limit} ${unit}`,
  reached: `${value.toFixed(3)} ${unit}`,
  met: value <= limit,
})

report({
  question: `A tree of ${keys.length} paths (${treeNodes} nodes, ${(treeBytes / 1e6).toFixed(1)} MB)`,
  rows: [...found].map(([name, measured]) => ({ name, ...measured })),
  goals: [
    goal('build, per path', buildMicros, 5, 'us'),
    goal('commit of 1 change, 1000 k against 10 k', growth, 2, 'x'),
    goal('commit of 1 change', commitMs, 5, 'ms'),
    goal('commit of 1 % scattered', secondsOf('commit of 1 % scattered'), 1.5, 's'),
    goal(
      'diff of 1 change against a full listing',
      (secondsOf('diff, 1 change') / listing) * 100,
      1,
      '%',
    ),
    goal(
      'diff of 100 changes against a full listing',
      (secondsOf('diff, 100 changes') / listing) * 100,
      1,
      '%',
    ),
  ],
})

for (const count of [1, 100, many]) {
  const sink = new Nodes()
  await mutateTree(nodes, root, count === many ? manyEdits : scattered(million, count), sink)
  const kilobytes = (sink.addedBytes / 1000).toFixed(0)
  process.stdout.write(`  ${count} scattered edits write ${sink.added} nodes, ${kilobytes} kB\n`)
}
