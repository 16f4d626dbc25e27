/** Question: what does img2dataset's usual job take: border 256, JPEG 95, SHA-256 and EXIF? */
import { join } from 'node:path'
import { inScratch } from './dataset.ts'
import { scaled } from './harness.ts'
import { openHost, reportRatios, sideBySide, writeImages, writeList } from './ingest.ts'

const count = scaled(3000)

await inScratch(async (folder) => {
  const images = join(folder, 'images')
  const names = await writeImages(images, count)
  const host = await openHost(images)
  try {
    const urls = names.map((name) => `${host.origin}/${name}`)
    const list = writeList(join(folder, 'urls.txt'), urls)
    const options = ['--resize_mode', 'border', '--image_size', '256', '--encode_quality', '95']
    const found = await sideBySide({ list, successes: count, folder, options })
    const question = `${count} JPEGs at border 256, jpg 95, sha256, exif, from ${host.server}`
    reportRatios(question, found, { cpuSeconds: 1, wallSeconds: 1 })
  } finally {
    await host.close()
  }
})
