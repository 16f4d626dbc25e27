/**
 * Question: how long do hosts that misbehave hold up a list, and is all had that can be had? Of the
 * rows 5 % answer too late, 5 % drip for 20 s and then are whole, 10 % are 404, and 5 % are 429 once.
 * Both sides wait 5 s for a sign of life and try once more; ours gives a whole request 30 s, so that
 * what drips is had, theirs knows no such limit. In flight: ours 2048 in one process; theirs 512 as
 * 256 threads (its default, and the best it has) in each of two processes.
 */
import { join } from 'node:path'
import { inScratch } from './dataset.ts'
import { scaled } from './harness.ts'
import {
  openHostileHosts,
  ourName,
  rawBytes,
  reportRatios,
  sideBySide,
  successesOf,
  theirName,
  writeImages,
  writeList,
  type Job,
} from './ingest.ts'

const count = scaled(20_000)
const hosts = 16

/** What a row meets: spread evenly over the list, and over each host. */
function behaviour(row: number): 'good' | 'slow' | 'drip' | 'missing' | 'busy' {
  const turn = (row * 37) % 20
  if (turn === 0) return 'slow'
  if (turn === 1) return 'drip'
  if (turn <= 3) return 'missing'
  return turn === 4 ? 'busy' : 'good'
}

await inScratch(async (folder) => {
  const images = join(folder, 'images')
  const names = await writeImages(images, 200)
  const host = await openHostileHosts(images, hosts)
  try {
    const rows = Array.from({ length: count }, (_, row) => behaviour(row))
    const urls = rows.map((what, row) => {
      const origin = host.originOf(Math.floor(row / 20))
      return `${origin}/${what}/${row}/${names[row % names.length]}`
    })
    const job: Job = {
      list: writeList(join(folder, 'urls.txt'), urls),
      successes: rows.filter((what) => what !== 'slow' && what !== 'missing').length,
      theirsMayLack: true,
      folder,
      options: [...rawBytes, '--timeout', '5', '--retries', '1'],
      ours: ['--deadline', '30'],
      inFlight: 2048,
      theirsInFlight: 512,
      before: () => host.forget(),
    }
    const found = await sideBySide(job)
    const had = [ourName, ...(found.has(theirName) ? [theirName] : [])]
      .map((name) => `${successesOf(job, name)} by ${name}`)
      .join(', ')
    const question = `${count} URLs of a hostile mix; of ${job.successes} to be had: ${had}`
    reportRatios(question, found, { wallSeconds: 0.5 })
  } finally {
    await host.close()
  }
})
