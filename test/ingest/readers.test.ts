import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openVarve } from '../../src/index.ts'
import {
  openHostileServer,
  type HostileServer,
} from '../../src/ingest/fetch/hostile-server.fixture.ts'
import { emptyProject } from '../rig.ts'
import { findReaders, readerNames, readSamples, type ReadSample } from './python-readers.fixture.ts'

const count = 60
const perShard = 25
const { python, missing } = findReaders()
const isRequired = process.env['VARVE_REQUIRE_ALL'] === '1'

/** Samples of the commit by key, each with the digests of its files. */
type Samples = ReadonlyMap<string, Readonly<Record<string, string>>>

let server: HostileServer
let dir: string
let stored: Samples
beforeAll(async () => {
  if (missing !== undefined) return
  server = await openHostileServer()
  dir = emptyProject()
  await using varve = await openVarve({ dir })
  await varve.repos.create('images')
  const list = join(dir, 'list.jsonl')
  const rows = Array.from({ length: count }, (_, at) => {
    return { url: server.url(`/image/${at}`), caption: `Ä “quoted” caption, number ${at} 日本語` }
  })
  writeFileSync(list, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const ingest = await varve.ingest()
  await ingest.enqueue({ repo: 'images', list, captionColumn: 'caption' })
  // Several commits: a lane that was written in pieces.
  await ingest.serve({
    repo: 'images',
    untilIdle: true,
    commitRows: 20,
    concurrency: 8,
    fetch: { allow: ['127.0.0.1'] },
  })
  const found = new Map<string, Record<string, string>>()
  for await (const { path, digest } of varve.files.walk('images@master')) {
    const [, key = '', field = ''] = /^\/?(.*?)\.(.*)$/.exec(path) ?? []
    found.set(key, { ...found.get(key), [field]: digest ?? 'none' })
  }
  stored = found
  await varve.materialize({
    commit: 'images@master',
    target: join(dir, 'shards'),
    format: 'webdataset',
    shardSamples: perShard,
  })
})
afterAll(() => server?.close())

test.runIf(isRequired)('the real readers are installed', () => {
  expect(missing, 'readers for Python').toBeUndefined()
})

const needs = missing === undefined ? '' : ` (needs ${missing})`

for (const reader of readerNames) {
  const read = (paths: readonly string[]): readonly ReadSample[] =>
    readSamples(reader, paths, { python, cache: join(dir, 'cache') })

  test.skipIf(missing !== undefined)(
    `${reader} reads shards: every key, field and payload as in the commit${needs}`,
    () => {
      const shards = tarsIn(join(dir, 'shards'))
      expect(shards).toHaveLength(Math.ceil(count / perShard))
      expect(read(shards)).toEqual([...stored])
    },
  )

  test.skipIf(missing !== undefined)(
    `${reader} reads the raw lane the service wrote: whole samples under the digest of the image${needs}`,
    () => {
      const lanes = join(dir, '.varve/segments')
      const paths = readdirSync(lanes)
        .filter((lane) => lane !== 'meta')
        .flatMap((lane) => tarsIn(join(lanes, lane)))
      const samples = read(paths)
      expect(samples).toHaveLength(count)
      expect(Object.fromEntries(samples)).toEqual(byDigest(stored))
    },
  )
}

function tarsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tar'))
    .toSorted()
    .map((name) => join(folder, name))
}

/** The samples under the names they have in the lane. */
function byDigest(samples: Samples): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return Object.fromEntries(
    [...samples.values()].map((fields) => {
      const image = Object.keys(fields).find((field) => field !== 'json' && field !== 'txt')
      return [fields[image ?? ''] ?? 'none', fields]
    }),
  )
}
