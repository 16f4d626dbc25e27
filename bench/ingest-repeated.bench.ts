/** Question: what is saved when half of a list repeats URLs of the other half? */
import { scaled } from './harness.ts'
import { besideHost, rawBytes, reportRatios, sideBySide } from './ingest.ts'

const count = scaled(3000)
const listed = (urls: readonly string[]) => [...urls, ...urls.toReversed()]

await besideHost({ images: count, listed }, async (host, job) => {
  const found = await sideBySide({ ...job, options: rawBytes })
  const question = `${2 * count} rows, half of them URLs a second time, from ${host.server}`
  reportRatios(question, found, { cpuSeconds: 0.6, wallSeconds: 0.6 })
})
