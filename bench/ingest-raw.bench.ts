/** Question: what does it take to bring bytes as they are from a host into shards, with SHA-256? */
import { scaled } from './harness.ts'
import { besideHost, rawBytes, reportRatios, sideBySide } from './ingest.ts'

const count = scaled(6000)

await besideHost({ images: count }, async (host, job) => {
  const found = await sideBySide({ ...job, options: rawBytes })
  const question = `${count} JPEGs as they are into shards, sha256, from ${host.server}`
  reportRatios(question, found, { cpuSeconds: 0.5, wallSeconds: 0.6 })
})
