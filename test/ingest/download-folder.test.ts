import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  downloadInto,
  initProject,
  openVarve,
  type DownloadProgress,
  type DownloadRequest,
  type Varve,
} from '../../src/index.ts'
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
  return downloadInto(request(urlList, more))
}

function request(urlList: string, more: Partial<DownloadRequest> = {}): DownloadRequest {
  return {
    urlList,
    outputFolder: out(),
    urlColumn: 'url',
    outputFormat: 'webdataset',
    numberSamplePerShard: 2,
    oomShardCount: 5,
    incrementalMode: 'incremental',
    // Bytes as they come: no threads for pixels to start.
    image: { disableAllReencoding: true },
    fetch: { allow: ['127.0.0.1'], retries: 0 },
    concurrency: 8,
    signal: new AbortController().signal,
    ...more,
  }
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

test('a mistake in the options or the list costs no file of the folder that is overwritten', async () => {
  const urls = list('urls.txt', [1, 2, 3])
  await download(urls)
  const before = readdirSync(out())
  const overwrite = { incrementalMode: 'overwrite' } as const
  const table = join(folder, 'urls.csv')
  writeFileSync(table, `link\n${server.url('/image/1')}\n`)
  const attempts: readonly (readonly [string, Partial<DownloadRequest>, string])[] = [
    [urls, { image: { imageSize: 0 } }, 'OPTIONS_INVALID'],
    [urls, { numberSamplePerShard: 0 }, 'USAGE'],
    [urls, { oomShardCount: 0 }, 'USAGE'],
    [urls, { fetch: { allow: ['10.0.0.0/99'] } }, 'USAGE'],
    [urls, { captionColumn: 'caption', inputFormat: 'csv' }, 'LIST_COLUMN_MISSING'],
    [table, {}, 'LIST_COLUMN_MISSING'],
    [table, { inputFormat: 'parquet' }, 'LIST_UNREADABLE'],
    [join(folder, 'none.txt'), {}, 'LIST_NOT_FOUND'],
  ]
  for (const [name, more, code] of attempts) {
    await expect(download(name, { ...overwrite, ...more })).rejects.toMatchObject({ code })
    expect(readdirSync(out())).toEqual(before)
  }
})

test('overwrite leaves a folder alone that no download has written to, and one that holds the list', async () => {
  const overwrite = { incrementalMode: 'overwrite' } as const
  const urls = list('a.txt', [0])
  mkdirSync(out())
  writeFileSync(join(out(), 'thesis.txt'), 'mine')
  writeFileSync(join(out(), '1.tar'), 'mine')
  await expect(download(urls, overwrite)).rejects.toMatchObject({ code: 'TARGET_FOREIGN' })
  expect(readdirSync(out()).sort()).toEqual(['1.tar', 'thesis.txt'])

  rmSync(join(out(), '1.tar'))
  await initProject({ directory: out(), template: 'empty' })
  await expect(download(urls, overwrite)).rejects.toMatchObject({ code: 'TARGET_FOREIGN' })
  expect(readdirSync(out())).toContain('.varve')

  const within = list(join('out', '00000.txt'), [0])
  writeFileSync(join(out(), '00000.tar'), 'of img2dataset')
  await expect(download(within, overwrite)).rejects.toMatchObject({ code: 'TARGET_FOREIGN' })
  expect(readdirSync(out())).toContain('thesis.txt')
})

test('overwrite is refused while another download fills the folder, and deletes nothing', async () => {
  const urls = list('a.txt', [0, 1])
  const slow = join(folder, 'slow.txt')
  writeFileSync(slow, `${server.url('/image/0')}\n${server.url('/slow/60000')}\n`)
  const overwrite = { incrementalMode: 'overwrite' } as const
  await withProject(async (varve) => {
    const fills: readonly ((request: DownloadRequest) => Promise<unknown>)[] = [
      async (wanted) => downloadInto(wanted),
      async (wanted) => varve.download({ ...wanted, repo: 'photos' }),
    ]
    for (const fill of fills) {
      const stop = new AbortController()
      const filled = fill(request(slow, { numberSamplePerShard: 1, signal: stop.signal }))
      try {
        const lock = join(out(), '.varve-materialize/lock')
        await expect.poll(() => existsSync(lock), { timeout: 30_000 }).toBe(true)
        const before = readdirSync(out())
        await expect(download(urls, overwrite)).rejects.toMatchObject({ code: 'STORE_LOCKED' })
        expect(readdirSync(out())).toEqual(before)
      } finally {
        stop.abort()
        await expect(filled).rejects.toMatchObject({ code: 'INTERRUPTED' })
      }
      expect(await download(urls, overwrite)).toMatchObject({ successes: 2 })
      rmSync(out(), { recursive: true })
    }
  })
})

test.each(['00000.tar', '00012_stats.json', '00003.parquet', undefined])(
  'overwrite begins anew in a folder that holds %s, and once more in its own',
  async (name) => {
    const overwrite = { incrementalMode: 'overwrite' } as const
    mkdirSync(out())
    if (name !== undefined) writeFileSync(join(out(), name), 'of img2dataset')
    expect(await download(list('a.txt', [0, 1]), overwrite)).toMatchObject({ successes: 2 })
    writeFileSync(join(out(), 'notes.txt'), 'x')
    expect(await download(list('a.txt', [0, 1]), overwrite)).toMatchObject({ successes: 2 })
    expect(shards()).toEqual(shardsTo(1))
    expect(readdirSync(out())).not.toContain('notes.txt')
  },
)

async function withProject<T>(work: (varve: Varve) => Promise<T>): Promise<T> {
  const dir = join(folder, 'project')
  await initProject({ directory: dir, template: 'empty' })
  const varve = await openVarve({ dir })
  try {
    await varve.repos.create('photos')
    return await work(varve)
  } finally {
    await varve.close()
  }
}

test('a repo of a project is filled instead of a store in the folder, once for however many folders', async () => {
  await withProject(async (varve) => {
    const urls = list('urls.txt', [0, 1, 2, 3, 4])
    const wanted = request(urls, { repo: 'photos' })
    expect(await varve.download(wanted)).toMatchObject({ count: 5, successes: 5, shards: 3 })
    expect(shards()).toEqual(shardsTo(3))
    expect(readdirSync(out())).not.toContain('.varve')
    expect(await varve.download(wanted)).toMatchObject({ kept: 3, shards: 0 })

    const other = { outputFolder: join(folder, 'other'), numberSamplePerShard: 5 }
    expect(await varve.download({ ...wanted, ...other })).toMatchObject({ count: 5, shards: 1 })
    expect(server.seen).toHaveLength(5)
    expect([...(await varve.ingest()).rows('photos')]).toHaveLength(5)
  })
})

test('overwrite makes the shards of a repo anew and leaves the repo alone', async () => {
  await withProject(async (varve) => {
    const urls = list('urls.txt', [0, 1])
    const overwrite = request(urls, { repo: 'photos', incrementalMode: 'overwrite' })
    await varve.download(overwrite)
    expect(await varve.download(overwrite)).toMatchObject({ shards: 1, kept: 0 })
    expect(server.seen).toHaveLength(2)

    writeFileSync(join(folder, '00000.tar'), 'as if of a download')
    const around = { ...overwrite, outputFolder: folder, urlList: '-', inputFormat: 'txt' as const }
    const input = (async function* () {
      yield Buffer.from(`${server.url('/image/0')}\n`)
    })()
    await expect(varve.download({ ...around, input })).rejects.toMatchObject({
      code: 'TARGET_FOREIGN',
    })
    expect(readdirSync(join(folder, 'project'))).toContain('.varve')
  })
})

test('a repo that is not there is named before anything is made', async () => {
  await withProject(async (varve) => {
    const wanted = request(list('urls.txt', [0]), { repo: 'photo' })
    await expect(varve.download(wanted)).rejects.toMatchObject({ code: 'REPO_NOT_FOUND' })
    expect(readdirSync(folder)).not.toContain('out')
  })
})

/** How many samples the statistics of a folder's shards count. */
function successesIn(target: string): number {
  return readdirSync(target)
    .filter((name) => name.endsWith('_stats.json'))
    .map((name) => JSON.parse(readFileSync(join(target, name), 'utf8')) as { successes: number })
    .reduce((sum, { successes }) => sum + successes, 0)
}

const tarTimes = (): readonly number[] =>
  shards()
    .filter((name) => name.endsWith('.tar'))
    .map((name) => statSync(join(out(), name)).mtimeMs)

test('rows fetched again for another folder, or by a service, change the shards that hold them', async () => {
  await withProject(async (varve) => {
    const urls = join(folder, 'urls.txt')
    const paths = ['/image/0', '/image/1', '/flaky/500/1', '/image/2', '/flaky/500/2']
    writeFileSync(urls, paths.map((path) => `${server.url(path)}\n`).join(''))
    const wanted = request(urls, { repo: 'photos' })
    const other = { ...wanted, outputFolder: join(folder, 'other') }
    expect(await varve.download(wanted)).toMatchObject({ successes: 3 })
    expect(await varve.download(other)).toMatchObject({ successes: 3 })
    const before = tarTimes()

    await varve.download({ ...other, retryFailed: true })
    expect(successesIn(other.outputFolder)).toBe(4)
    await varve.download(wanted)
    expect(successesIn(out())).toBe(4)
    const between = tarTimes()
    expect(between.map((time, at) => time === before[at])).toEqual([true, false, true])

    const ingest = await varve.ingest()
    await ingest.retry('photos')
    const { fetch, image, concurrency, signal } = wanted
    await ingest.serve({
      repo: 'photos',
      media: 'image',
      image,
      fetch,
      computeHash: 'none',
      concurrency,
      signal,
      commitRows: 100,
      commitSeconds: 1,
      untilIdle: true,
    })
    await varve.download(wanted)
    expect(successesIn(out())).toBe(5)
    expect(tarTimes().map((time, at) => time === between[at])).toEqual([true, true, false])
    expect(await varve.download(wanted)).toMatchObject({ kept: 3, shards: 0 })
  })
})

test('a run stopped after rows were fetched again, before their shards were written, is made up for', async () => {
  const urls = join(folder, 'urls.txt')
  const paths = ['/image/0', '/flaky/500/1', '/image/1', '/flaky/500/1?b']
  writeFileSync(urls, paths.map((path) => `${server.url(path)}\n`).join(''))
  expect(await download(urls)).toMatchObject({ successes: 2 })

  const stop = new AbortController()
  const stopped = download(urls, {
    retryFailed: true,
    signal: stop.signal,
    // The first shard that is written anew: the other one is not.
    progress: ({ kind }) => kind === 'shard' && stop.abort(),
  })
  await expect(stopped).rejects.toThrow()
  expect(successesIn(out())).toBeLessThan(4)
  await download(urls)
  expect(successesIn(out())).toBe(4)
  expect(await download(urls)).toMatchObject({ kept: 2, shards: 0 })
})

test('bad rows in any number keep no shard waiting until the last row was fetched', async () => {
  const file = join(folder, 'gaps.csv')
  const lines = Array.from({ length: 300 }, (_, at) =>
    at % 2 === 0 ? `,${at}` : `${server.url('/image/1')},${at}`,
  )
  writeFileSync(file, ['url,n', ...lines, `${server.url('/slow/60000')},300`, ''].join('\n'))
  const stop = new AbortController()
  const filled = download(file, { numberSamplePerShard: 100, signal: stop.signal })
  const interrupted = expect(filled).rejects.toMatchObject({ code: 'INTERRUPTED' })
  const last = join(out(), '00002_stats.json')
  // Before the slow row has run out of its time of ten seconds.
  await expect.poll(() => existsSync(last), { timeout: 8000 }).toBe(true)
  stop.abort()
  await interrupted
})
