/**
 * Question: how fast is a data lane read in order through `readLane`, with the headers checked, each
 * item handed over as a view and its last byte touched? Yardstick: `cat` of the same segments to
 * /dev/null. Both find the segments in the system's cache, so this compares processors, not disks.
 * To reach: 0.8 of the speed of `cat` for items of 64 KiB. Items of 4 KiB are reported beside it.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openSegmentStore, type SegmentStore } from '../src/segments/index.ts'
import { DiskObjects } from '../src/storage/index.ts'
import { inScratch, randomBytes } from './dataset.ts'
import { inTurns, machine, measure, report, runCommand, scaled, type Contender } from './harness.ts'

const batch = 256
const lanes = [
  { lane: 'photos', itemBytes: 64 << 10, count: scaled(16_384) },
  { lane: 'labels', itemBytes: 4 << 10, count: scaled(65_536) },
] as const

async function fill(
  store: SegmentStore,
  { lane, itemBytes, count }: (typeof lanes)[number],
): Promise<void> {
  const content = randomBytes(itemBytes * batch, lane)
  for (let done = 0; done < count; done += batch) {
    const items = Array.from({ length: Math.min(batch, count - done) }, (_, i) => {
      const bytes = content.subarray(i * itemBytes, (i + 1) * itemBytes)
      bytes.writeUInt32LE(done + i)
      return { bytes }
    })
    await store.addItems(lane, items)
  }
}

/** Touches the last byte of each item, so that what was not read would be noticed. */
async function readAll(store: SegmentStore, lane: string): Promise<number> {
  let items = 0
  let touched = 0
  for await (const found of store.readLane(lane)) {
    items += found.length
    for (const { bytes } of found) touched += bytes[bytes.length - 1] ?? 0
  }
  return touched > 0 ? items : 0
}

await inScratch(async (directory) => {
  const store = await openSegmentStore({
    objects: new DiskObjects(directory),
    indexPath: join(directory, 'index.sqlite'),
    mode: 'write',
  })
  for (const lane of lanes) await fill(store, lane)
  await store.sync()
  const contenders = lanes.flatMap(({ lane, itemBytes, count }): Contender[] => {
    const folder = join(directory, 'segments', lane)
    const files = readdirSync(folder).map((name) => join(folder, name))
    return [
      {
        name: `cat, items of ${itemBytes >> 10} KiB`,
        run: () => runCommand(['sh', '-c', 'cat "$@" > /dev/null', 'sh', ...files]),
      },
      {
        name: `readLane, items of ${itemBytes >> 10} KiB`,
        run: () =>
          measure(async () => {
            const items = await readAll(store, lane)
            if (items !== count) throw new Error(`read ${items} of ${count} items`)
          }),
      },
    ]
  })
  const found = await inTurns(contenders)
  await store.close()
  const speed = (itemBytes: number): number => {
    const of = (who: string): number =>
      found.get(`${who}, items of ${itemBytes} KiB`)?.wallSeconds ?? 0
    return of('cat') / of('readLane')
  }
  report({
    question: `Reading a lane in order, from the system's cache (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: [
      {
        goal: 'speed of cat at 64 KiB >= 0.8',
        reached: `${speed(64).toFixed(2)} (at 4 KiB: ${speed(4).toFixed(2)})`,
        met: speed(64) >= 0.8,
      },
    ],
  })
})
