/**
 * Question: how much of a far host's pause is hidden? Each answer comes after 50 ms. In flight: ours
 * 512 in one process; theirs 512 as 256 threads (its default) in each of two processes.
 */
import { scaled } from './harness.ts'
import { besideHost, rawBytes, repeatedly, reportRatios, sideBySide } from './ingest.ts'

const count = scaled(10_000)
const delayMs = 50
const inFlight = 512
const served = { images: Math.min(count, 500), delayMs, listed: repeatedly(count) }

await besideHost(served, async (_, job) => {
  const question = `${count} URLs, each answered after ${delayMs} ms, ${inFlight} in flight`
  const found = await sideBySide({ ...job, options: rawBytes, inFlight })
  reportRatios(question, found, { wallSeconds: 0.3 })
})
