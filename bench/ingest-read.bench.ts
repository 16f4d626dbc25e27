/**
 * Question: do trainers read our shards, and the lane as the service wrote it, as fast as
 * img2dataset's own shards? One pass of the `webdataset` package over all samples, start-up
 * included. The package is looked for in `$VARVE_READERS_PYTHON`, else in `.cache/readers`.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { inTurns, machine, report, runCommand, scaled, type Contender } from './harness.ts'
import {
  besideHost,
  hasYardstick,
  rawBytes,
  runOurs,
  runTheirs,
  theirName,
  type ImageHost,
  type ListedJob,
} from './ingest.ts'

const count = scaled(6000)
const installed = resolve(import.meta.dirname, '..', '.cache/readers/bin/python')
const python = process.env['VARVE_READERS_PYTHON'] ?? installed

const readAll = `
import sys, webdataset
wanted, files = int(sys.argv[1]), sys.argv[2:]
seen = sum(1 for sample in webdataset.WebDataset(files, shardshuffle=False) if sample['jpg'])
assert seen == wanted, (seen, wanted)
`

if (existsSync(python)) await besideHost({ images: count }, compare)
else process.stdout.write(`webdataset is not at ${python}: nothing is read\n`)

async function compare(_: ImageHost, listed: ListedJob): Promise<void> {
  const job = { ...listed, options: rawBytes }
  const [ours, theirs] = [join(job.folder, 'ours'), join(job.folder, 'theirs')]
  const withYardstick = hasYardstick()
  runOurs(job, ours)
  if (withYardstick) runTheirs(job, theirs)
  const reading = (name: string, place: string): Contender => {
    const files = readdirSync(place).filter((file) => file.endsWith('.tar'))
    const paths = files.toSorted().map((file) => join(place, file))
    return { name, run: () => runCommand([python, '-c', readAll, String(count), ...paths]) }
  }
  const yardstick = `shards of ${theirName}`
  const found = await inTurns([
    ...(withYardstick ? [reading(yardstick, theirs)] : []),
    reading('our shards', ours),
    reading('our lane', join(ours, '.varve/segments/images')),
  ])
  const wall = (name: string): number => found.get(name)?.wallSeconds ?? Number.NaN
  const goals = ['our shards', 'our lane'].map((name) => {
    const ratio = wall(yardstick) / wall(name)
    const goal = `samples/s of ${name} >= 1.0 x ${yardstick}`
    return { goal, reached: `${ratio.toFixed(2)} x`, met: ratio >= 1 }
  })
  report({
    question: `${count} samples read by webdataset (${machine()})`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: withYardstick ? goals : [],
  })
}
