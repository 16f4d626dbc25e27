/**
 * Question: does one item of 9 GiB (more than the 8 GiB a plain TAR header can say) go in and come
 * back in constant memory? Yardstick: SHA-256 over as many bytes in the same process; adding reads
 * the stream twice, to name it and to store it, and reading checks it. To reach: 256 MB of memory.
 * The bytes are generated; the segment takes 9 GiB of disk.
 */
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { openSegmentStore, type StoredItem } from '../src/segments/index.ts'
import { DiskObjects } from '../src/storage/index.ts'
import { inScratch, randomBytes } from './dataset.ts'
import { machine, measure, report, smoke } from './harness.ts'

const chunkBytes = 1 << 20
const chunkCount = smoke ? 64 : 9 * 1024
const memoryGoal = 256

async function* generated(): AsyncGenerator<Uint8Array> {
  const chunk = randomBytes(chunkBytes, 'large stream')
  for (let i = 0; i < chunkCount; i++) {
    chunk.writeUInt32LE(i)
    yield chunk
  }
}

await inScratch(async (directory) => {
  const store = await openSegmentStore({
    objects: new DiskObjects(directory),
    indexPath: join(directory, 'index.sqlite'),
    mode: 'write',
  })
  const hashed = await measure(async () => {
    const hash = createHash('sha256')
    for await (const chunk of generated()) hash.update(chunk)
    hash.digest('hex')
  })
  let stored: StoredItem | undefined
  const added = await measure(async () => {
    stored = await store.addStream('video', { open: generated })
    await store.sync()
  })
  let bytes = 0
  const read = await measure(async () => {
    if (stored === undefined) return
    for await (const chunk of store.stream(stored.digest)) bytes += chunk.length
  })
  await store.close()
  if (bytes !== chunkCount * chunkBytes) throw new Error(`read ${bytes} bytes`)
  const segment = join(directory, 'segments', 'video', '000001.tar')
  const listed = execFileSync('tar', ['tvf', segment], { encoding: 'utf8' })
  if (!listed.includes(` ${bytes} `)) throw new Error(`tar lists something else: ${listed}`)
  report({
    question: `One item of ${chunkCount} MiB, listed by tar afterwards (${machine()})`,
    rows: [
      { name: 'SHA-256 of as many bytes', ...hashed },
      { name: 'addStream and sync', ...added },
      { name: 'stream', ...read },
    ],
    goals: [
      {
        goal: `peak memory <= ${memoryGoal} MB`,
        reached: `${read.peakMegabytes.toFixed(0)} MB`,
        met: read.peakMegabytes <= memoryGoal,
      },
    ],
  })
})
