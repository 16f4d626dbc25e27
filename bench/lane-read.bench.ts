/**
 * Question: how fast is a lane read in order? Yardstick: `cat` of its segments to /dev/null.
 * To reach: at least 0.8 of it. Items of 64 KiB, 1 GiB in all, and of 4 KiB, a quarter of that.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSegmentStore } from '../src/segments/index.ts'
import { DiskObjects } from '../src/storage/index.ts'

const rounds = 5

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

async function measure(itemBytes: number, count: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'varve-bench-'))
  const store = await openSegmentStore({
    objects: new DiskObjects(directory),
    indexPath: join(directory, 'index.sqlite'),
    mode: 'write',
  })
  for (let done = 0; done < count; done += 256) {
    const batch = Array.from({ length: Math.min(256, count - done) }, (_, i) => {
      const bytes = Buffer.alloc(itemBytes)
      bytes.writeUInt32LE(done + i)
      return { bytes }
    })
    await store.addItems('photos', batch)
  }
  await store.sync()
  const folder = join(directory, 'segments/photos')
  const files = readdirSync(folder).map((name) => join(folder, name))
  const cat: number[] = []
  const lane: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    execFileSync('sh', ['-c', 'cat "$@" > /dev/null', 'sh', ...files])
    cat.push(performance.now() - start)
    const begin = performance.now()
    let items = 0
    for await (const batch of store.readLane('photos')) items += batch.length
    lane.push(performance.now() - begin)
    if (items !== count) throw new Error(`read ${items} of ${count} items`)
  }
  await store.close()
  rmSync(directory, { recursive: true })
  const result = {
    itemBytes,
    count,
    catMs: Math.round(median(cat)),
    laneMs: Math.round(median(lane)),
    ofCat: Number((median(cat) / median(lane)).toFixed(2)),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  }
  console.log(JSON.stringify(result))
}

await measure(64 << 10, 16_384)
await measure(4 << 10, 65_536)
