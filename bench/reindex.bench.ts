/**
 * Question: how long does it take to rebuild the index of a million items of 200 bytes from the
 * segments alone? Yardstick: `cat` of the same segments. To reach: 60 s.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { openSegmentStore } from '../src/segments/index.ts'
import { DiskObjects } from '../src/storage/index.ts'
import { inScratch } from './dataset.ts'
import { inTurns, machine, measure, report, runCommand, scaled } from './harness.ts'

const count = scaled(1_000_000)
const batch = 10_000

await inScratch(async (directory) => {
  const options = {
    objects: new DiskObjects(directory),
    indexPath: join(directory, 'index.sqlite'),
    mode: 'write',
  } as const
  const store = await openSegmentStore(options)
  for (let done = 0; done < count; done += batch) {
    const items = Array.from({ length: Math.min(batch, count - done) }, (_, i) => ({
      bytes: Buffer.alloc(200, `item ${done + i} `),
    }))
    await store.addItems('rows', items)
  }
  await store.appendRecords([Buffer.from('{}')])
  await store.close()
  const folder = join(directory, 'segments', 'rows')
  const files = readdirSync(folder).map((name) => join(folder, name))

  const found = await inTurns([
    {
      name: 'cat of the segments',
      run: () => runCommand(['sh', '-c', 'cat "$@" > /dev/null', 'sh', ...files]),
    },
    {
      name: 'rebuild of the index',
      run: () =>
        measure(async () => {
          const rebuilt = await openSegmentStore({ ...options, rebuildIndex: true })
          const row = rebuilt.database.prepare('SELECT count(*) AS count FROM items').get()
          await rebuilt.close()
          if (row?.['count'] !== count) throw new Error(`rebuilt ${String(row?.['count'])} items`)
        }),
    },
  ])
  const seconds = found.get('rebuild of the index')?.wallSeconds ?? Number.NaN
  report({
    question: `Rebuilding the index of ${count} items of 200 bytes (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: [{ goal: 'rebuild <= 60 s', reached: `${seconds.toFixed(1)} s`, met: seconds <= 60 }],
  })
})
