/** Question: what does img2dataset's usual job take: border 256, JPEG 95, SHA-256 and EXIF? */
import { scaled } from './harness.ts'
import { besideHost, reportRatios, sideBySide } from './ingest.ts'

const count = scaled(3000)
const options = ['--resize_mode', 'border', '--image_size', '256', '--encode_quality', '95']

await besideHost({ images: count }, async (host, job) => {
  const found = await sideBySide({ ...job, options })
  const question = `${count} JPEGs at border 256, jpg 95, sha256, exif, from ${host.server}`
  reportRatios(question, found, { cpuSeconds: 1, wallSeconds: 1 })
})
