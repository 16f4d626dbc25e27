/**
 * Question: how fast do WebDataset shards come out of a store? Items of 64 KiB with a small `.json`
 * each, in the system's cache, whole run with its fsyncs. Yardsticks: `cp` of the store's segments with
 * a `sync` of the copy, and `cp` with `sha256sum` of the same bytes, because every payload is compared
 * with its digest before it is written. Beside it: samples of the library's stream in path order.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openMaterializer } from '../src/materialize/index.ts'
import { openStore } from '../src/repos/index.ts'
import { openSegmentStore } from '../src/segments/index.ts'
import { DiskObjects } from '../src/storage/index.ts'
import { systemClock, systemRandom } from '../src/util/index.ts'
import { inScratch, randomBytes } from './dataset.ts'
import { inTurns, machine, measure, report, runCommand, scaled } from './harness.ts'

const count = scaled(10_000)
const itemBytes = 64 << 10

await inScratch(async (directory) => {
  const segments = await openSegmentStore({
    objects: new DiskObjects(directory),
    indexPath: join(directory, 'index.sqlite'),
    mode: 'write',
  })
  const store = await openStore({
    segments,
    catalogFile: join(directory, 'catalog.sqlite'),
    clock: systemClock,
    random: systemRandom,
  })
  await store.repos.create('photos')
  const content = randomBytes(itemBytes, 'photos')
  await store.files.put(
    'photos@master',
    Array.from({ length: count }, (_, at) => String(at).padStart(8, '0')).flatMap((key, at) => {
      const bytes = Buffer.from(content)
      bytes.writeUInt32LE(at)
      return [
        { kind: 'bytes' as const, path: `${key}.jpg`, bytes },
        { kind: 'bytes' as const, path: `${key}.json`, bytes: Buffer.from(`{"key": "${key}"}`) },
      ]
    }),
  )
  const materializer = openMaterializer({ store, segments, clock: systemClock })
  const lane = join(directory, 'segments', store.repos.inspect('photos').lane)
  const files = readdirSync(lane).map((name) => join(lane, name))
  const target = join(directory, 'out')
  const emptied = (): string => {
    rmSync(target, { recursive: true, force: true })
    mkdirSync(target)
    return target
  }
  const shards = 'materialize --format webdataset'
  const copy = 'cp of the segments, synced'
  const found = await inTurns([
    {
      name: copy,
      run: () => {
        const script = 'cp "$@" && sync "$0"/*'
        return runCommand(['sh', '-c', script, emptied(), ...files, target])
      },
    },
    {
      name: 'the same, and sha256sum',
      run: () => {
        const script = 'cp "$@" && sync "$0"/* && sha256sum "$0"/*'
        return runCommand(['sh', '-c', script, emptied(), ...files, target])
      },
    },
    {
      name: shards,
      run: () => {
        emptied()
        return measure(() =>
          materializer.materialize({ commit: 'photos@master', target, format: 'webdataset' }),
        )
      },
    },
    {
      name: 'streamSamples',
      run: () =>
        measure(async () => {
          let seen = 0
          for await (const { fields } of materializer.streamSamples({ commit: 'photos@master' })) {
            seen += Object.keys(fields).length
          }
          if (seen !== 2 * count) throw new Error(`read ${seen} files of ${2 * count}`)
        }),
    },
  ])
  await store.close()
  await segments.close()
  const wall = (name: string): number => found.get(name)?.wallSeconds ?? Number.NaN
  const share = wall('the same, and sha256sum') / wall(shards)
  const rate = Math.round(count / wall('streamSamples'))
  report({
    question: `${count} samples of ${itemBytes >> 10} KiB as shards (${machine()}); stream: ${rate} samples/s`,
    rows: [...found].map(([name, measured]) => ({ name, ...measured })),
    goals: [
      {
        goal: 'speed of cp, sync and sha256sum >= 0.8',
        reached: `${share.toFixed(2)} (of cp and sync alone: ${(wall(copy) / wall(shards)).toFixed(2)})`,
        met: share >= 0.8,
      },
    ],
  })
})
