/**
 * Question: how much of a far host's pause is hidden? Each answer comes after 50 ms. In flight: ours
 * 512 in one process; theirs 512 as 256 threads (its default) in each of two processes.
 */
import { join } from 'node:path'
import { inScratch } from './dataset.ts'
import { scaled } from './harness.ts'
import { openHost, rawBytes, reportRatios, sideBySide, writeImages, writeList } from './ingest.ts'

const count = scaled(10_000)
const delayMs = 50
const inFlight = 512

await inScratch(async (folder) => {
  const images = join(folder, 'images')
  const names = await writeImages(images, Math.min(count, 500))
  const host = await openHost(images, delayMs)
  try {
    const urls = Array.from(
      { length: count },
      (_, at) => `${host.origin}/${names[at % names.length]}?row=${at}`,
    )
    const list = writeList(join(folder, 'urls.txt'), urls)
    const job = { list, successes: count, folder, options: rawBytes, inFlight }
    const question = `${count} URLs, each answered after ${delayMs} ms, ${inFlight} in flight`
    reportRatios(question, await sideBySide(job), { wallSeconds: 0.3 })
  } finally {
    await host.close()
  }
})
