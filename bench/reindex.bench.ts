/**
 * Question: how long does it take to rebuild the index of a million items of 200 bytes from the
 * segments alone? Yardstick: reading the same bytes. To reach: 60 s.
 */
import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSegmentStore } from '../src/segments/index.ts'
import { DiskObjects } from '../src/storage/index.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const rounds = Number(process.argv[3] ?? 5)

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

const directory = mkdtempSync(join(tmpdir(), 'varve-bench-'))
const options = {
  objects: new DiskObjects(directory),
  indexPath: join(directory, 'index.sqlite'),
  mode: 'write',
} as const

const store = await openSegmentStore(options)
for (let done = 0; done < count; done += 10_000) {
  const batch = Array.from({ length: Math.min(10_000, count - done) }, (_, i) => ({
    bytes: Buffer.alloc(200, `item ${done + i} `),
  }))
  await store.addItems('rows', batch)
}
await store.appendRecords([Buffer.from('{}')])
await store.close()

const reads: number[] = []
const rebuilds: number[] = []
const cpu: number[] = []
const folder = join(directory, 'segments/rows')
for (let round = 0; round < rounds; round++) {
  const start = performance.now()
  for (const name of readdirSync(folder)) {
    for await (const _ of createReadStream(join(folder, name), { highWaterMark: 1 << 20 }));
  }
  reads.push(performance.now() - start)
  const begin = performance.now()
  const before = process.cpuUsage()
  const rebuilt = await openSegmentStore({ ...options, rebuildIndex: true })
  rebuilds.push(performance.now() - begin)
  const used = process.cpuUsage(before)
  cpu.push((used.user + used.system) / 1e6)
  const row = rebuilt.database.prepare('SELECT count(*) AS count FROM items').get()
  if (row?.['count'] !== count) throw new Error(`rebuilt ${String(row?.['count'])} of ${count}`)
  await rebuilt.close()
}
rmSync(directory, { recursive: true })
const result = {
  count,
  readSeconds: Number((median(reads) / 1000).toFixed(2)),
  rebuildSeconds: Number((median(rebuilds) / 1000).toFixed(2)),
  cpuSeconds: Number(median(cpu).toFixed(2)),
  peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
}
console.log(JSON.stringify(result))
