/** Question: how soon is `varve download` over output that is finished done? Nothing may be fetched. */
import { join } from 'node:path'
import { inScratch } from './dataset.ts'
import { inTurns, machine, report, scaled } from './harness.ts'
import { openHost, rawBytes, runOurs, writeImages, writeList, type Job } from './ingest.ts'

const count = scaled(100_000)
const mostSeconds = 1

await inScratch(async (folder) => {
  const images = join(folder, 'images')
  const names = await writeImages(images, 10)
  const host = await openHost(images)
  const output = join(folder, 'output')
  const urls = Array.from(
    { length: count },
    (_, at) => `${host.origin}/${names[at % names.length]}?row=${at}`,
  )
  const list = writeList(join(folder, 'urls.txt'), urls)
  const job: Job = { list, successes: count, folder, options: rawBytes }
  try {
    runOurs(job, output)
  } finally {
    // Whatever is fetched again fails, and is seen.
    await host.close()
  }
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
