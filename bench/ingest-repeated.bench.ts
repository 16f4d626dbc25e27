/** Question: what is saved when half of a list repeats URLs of the other half? */
import { join } from 'node:path'
import { inScratch } from './dataset.ts'
import { scaled } from './harness.ts'
import { openHost, rawBytes, reportRatios, sideBySide, writeImages, writeList } from './ingest.ts'

const count = scaled(3000)

await inScratch(async (folder) => {
  const images = join(folder, 'images')
  const names = await writeImages(images, count)
  const host = await openHost(images)
  try {
    const urls = names.map((name) => `${host.origin}/${name}`)
    const list = writeList(join(folder, 'urls.txt'), [...urls, ...urls.toReversed()])
    const found = await sideBySide({ list, successes: 2 * count, folder, options: rawBytes })
    const question = `${2 * count} rows, half of them URLs a second time, from ${host.server}`
    reportRatios(question, found, { cpuSeconds: 0.6, wallSeconds: 0.6 })
  } finally {
    await host.close()
  }
})
