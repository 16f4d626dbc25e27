import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { downloadInto, type DownloadProgress, type DownloadRequest } from '../../src/index.ts'
import {
  openHostileServer,
  type HostileServer,
} from '../../src/ingest/fetch/hostile-server.fixture.ts'

let server: HostileServer
let folder: string
beforeEach(async () => {
  server = await openHostileServer()
  folder = mkdtempSync(join(tmpdir(), 'varve-download-'))
})
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  await server.close()
})

const out = (): string => join(folder, 'out')

/** A list of images with these numbers. */
function list(name: string, numbers: readonly number[]): string {
  const file = join(folder, name)
  writeFileSync(file, numbers.map((number) => `${server.url(`/image/${number}`)}\n`).join(''))
  return file
}

function download(urlList: string, more: Partial<DownloadRequest> = {}) {
  return downloadInto({
    urlList,
    outputFolder: out(),
    urlColumn: 'url',
    outputFormat: 'webdataset',
    numberSamplePerShard: 2,
    oomShardCount: 5,
    incrementalMode: 'incremental',
    image: {},
    fetch: { allow: ['127.0.0.1'] },
    concurrency: 8,
    signal: new AbortController().signal,
    ...more,
  })
}

function shards(): readonly string[] {
  return readdirSync(out())
    .filter((name) => name.endsWith('.tar') || name.endsWith('_stats.json'))
    .sort()
}

const shardsTo = (end: number): readonly string[] =>
  Array.from({ length: end }, (_, at) => [`0000${at}.tar`, `0000${at}_stats.json`]).flat()

test.each(['enqueued', 'fetching', 'shard'] as const)(
  'a list whose adding was stopped when %s gets the same shards from the same command',
  async (kind) => {
    await download(list('a.txt', [0, 1, 2, 3]))
    const added = list('b.txt', [4, 5, 6, 7, 8, 9])
    const extend = { incrementalMode: 'extend' } as const
    const stop = new AbortController()
    const progress = (now: DownloadProgress): void => {
      if (now.kind === kind) stop.abort()
    }
    await expect(download(added, { ...extend, signal: stop.signal, progress })).rejects.toThrow()

    expect(await download(added, extend)).toMatchObject({ firstShard: 2 })
    expect(shards()).toEqual(shardsTo(5))
    expect(server.seen).toHaveLength(10)
    // Done: said once more, it adds the list once more.
    expect(await download(added, extend)).toMatchObject({ firstShard: 5 })
    expect(shards()).toEqual(shardsTo(8))
  },
)

test('a list that cannot be added leaves the folder with the list it had', async () => {
  const first = list('a.txt', [0, 1])
  await download(first)
  writeFileSync(join(folder, 'b.csv'), 'link\nhttp://127.0.0.1/x\n')
  const wrong = download(join(folder, 'b.csv'), { incrementalMode: 'extend' })
  await expect(wrong).rejects.toMatchObject({ code: 'LIST_COLUMN_MISSING' })
  expect(await download(first)).toMatchObject({ kept: 1, shards: 0 })
})
