/** Question: what does it take to bring bytes as they are from a host into shards, with SHA-256? */
import { join } from 'node:path'
import { inScratch } from './dataset.ts'
import { scaled } from './harness.ts'
import { openHost, rawBytes, reportRatios, sideBySide, writeImages, writeList } from './ingest.ts'

const count = scaled(6000)

await inScratch(async (folder) => {
  const images = join(folder, 'images')
  const names = await writeImages(images, count)
  const host = await openHost(images)
  try {
    const urls = names.map((name) => `${host.origin}/${name}`)
    const list = writeList(join(folder, 'urls.txt'), urls)
    const found = await sideBySide({ list, successes: count, folder, options: rawBytes })
    const question = `${count} JPEGs as they are into shards, sha256, from ${host.server}`
    reportRatios(question, found, { cpuSeconds: 0.5, wallSeconds: 0.6 })
  } finally {
    await host.close()
  }
})
