/** Question: how soon is `varve download` over output that is finished done? Nothing may be fetched. */
import { join } from 'node:path'
import { inTurns, machine, report, scaled } from './harness.ts'
import { besideHost, rawBytes, repeatedly, runOurs } from './ingest.ts'

const count = scaled(100_000)
const mostSeconds = 1

await besideHost({ images: 10, listed: repeatedly(count) }, async (host, listed) => {
  const job = { ...listed, options: rawBytes }
  const output = join(job.folder, 'output')
  runOurs(job, output)
  // Whatever is fetched again fails, and is seen.
  await host.close()
  const found = await inTurns([{ name: 'varve download again', run: () => runOurs(job, output) }])
  const seconds = found.get('varve download again')?.wallSeconds ?? Number.NaN
  report({
    question: `${count} rows over finished shards (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: [
      {
        goal: `wall <= ${mostSeconds} s for 100,000 rows`,
        reached: `${seconds.toFixed(2)} s`,
        met: seconds <= mostSeconds,
      },
    ],
  })
})
