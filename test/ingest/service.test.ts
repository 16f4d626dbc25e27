import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openVarve, type RowInfo, type Varve } from '../../src/index.ts'
import {
  openHostileServer,
  type HostileServer,
} from '../../src/ingest/fetch/hostile-server.fixture.ts'
import { emptyProject } from '../rig.ts'

let server: HostileServer
beforeEach(async () => void (server = await openHostileServer()))
afterEach(() => server.close())

const impatient = {
  allow: ['127.0.0.1'],
  timeoutMs: 300,
  deadlineMs: 800,
  retries: 1,
  backoffMs: 20,
}

async function withProject(work: (varve: Varve, dir: string) => Promise<void>): Promise<void> {
  const dir = emptyProject()
  await using varve = await openVarve({ dir })
  await varve.repos.create('images')
  await work(varve, dir)
}

function listOf(dir: string, urls: readonly string[], name = 'urls.txt'): string {
  const file = join(dir, name)
  writeFileSync(file, urls.map((url) => `${url}\n`).join(''))
  return file
}

async function fetchAll(varve: Varve, more: object = {}) {
  const ingest = await varve.ingest()
  return ingest.serve({ repo: 'images', untilIdle: true, fetch: { ...impatient, ...more } })
}

async function rowsOf(varve: Varve): Promise<readonly RowInfo[]> {
  return [...(await varve.ingest()).rows('images')]
}

test('a list against a server that does everything wrong ends by itself, every row in one state', async () => {
  await withProject(async (varve, dir) => {
    const good = Array.from({ length: 20 }, (_, at) => server.url(`/image/${at}`))
    const bad = [
      '/slow-headers',
      '/drip',
      '/stall',
      '/endless',
      '/huge',
      '/short',
      '/chunked-cut',
      '/garbage',
      '/header-flood',
      '/truncated/gzip',
      '/gzip-garbage',
      '/bomb',
      '/loop',
      '/loop-a',
      '/loop-growing',
      '/redirect-nowhere',
      '/status/404',
      '/status/410',
      '/status/500',
      '/flaky/503/9',
      '/reset',
      '/close',
      '/reset-body',
    ].map((path) => server.url(path))
    const refused = [
      server.url('/redirect-to?url=http://169.254.169.254/latest/meta-data/'),
      'http://10.0.0.1/image.jpg',
      'file:///etc/passwd',
      'ftp://example.org/x',
      server.secureUrl('/image/1'),
    ]
    const optOut = ['noai', 'noindex, nofollow'].map((tag) =>
      server.url(`/opt-out?tag=${encodeURIComponent(tag)}`),
    )
    const urls = [...good, ...bad, ...refused, ...optOut]
    const ingest = await varve.ingest()
    await ingest.enqueue({ repo: 'images', list: listOf(dir, urls) })
    await fetchAll(varve, { maxBytes: 100_000, hostFailures: 1000, hostConcurrency: 64 })

    const rows = await rowsOf(varve)
    expect(rows.map(({ url }) => url)).toEqual(urls)
    const status = new Map(rows.map((row) => [row.url, row.status]))
    for (const url of good) expect(status.get(url)).toBe('success')
    for (const url of [...bad, ...refused])
      expect([url, status.get(url)]).toEqual([url, 'failed_to_download'])
    for (const url of optOut) expect(status.get(url)).toBe('opted_out')
    expect(rows.filter((row) => row.status !== 'success' && row.error === undefined)).toEqual([])
    const [report] = await ingest.report('images')
    expect(report?.waiting).toBe(0)
  })
}, 60_000)

test('the same URL is fetched once, the same bytes are stored once, and all URLs stay on record', async () => {
  await withProject(async (varve, dir) => {
    const twice = server.url('/image/7')
    const sameBytes = server.url('/image/7?etag=none')
    const ingest = await varve.ingest()
    await ingest.enqueue({ repo: 'images', list: listOf(dir, [twice, twice, sameBytes, twice]) })
    await fetchAll(varve)
    const rows = await rowsOf(varve)
    expect(rows.map(({ status }) => status)).toEqual([
      'success',
      'duplicate',
      'success',
      'duplicate',
    ])
    expect(rows[1]?.duplicateOf).toMatchObject({ position: 0 })
    expect(server.timesSeen('/image/7')).toBe(1)
    expect(rows[2]?.media?.digest).toBe(rows[0]?.media?.digest)

    // A second list with the same URL, in another run.
    await ingest.enqueue({ repo: 'images', list: listOf(dir, [twice], 'more.txt') })
    await fetchAll(varve)
    expect(server.timesSeen('/image/7')).toBe(1)
    expect((await rowsOf(varve)).filter(({ status }) => status === 'duplicate')).toHaveLength(3)
  })
})

test('enqueueing a list again fetches nothing again; retry fetches what failed, once', async () => {
  await withProject(async (varve, dir) => {
    const flaky = server.url('/flaky/500/2')
    const list = listOf(dir, [server.url('/image/1'), flaky, server.url('/status/404')])
    const ingest = await varve.ingest()
    await ingest.enqueue({ repo: 'images', list })
    await fetchAll(varve)
    expect((await rowsOf(varve)).map(({ status }) => status)).toEqual([
      'success',
      'failed_to_download',
      'failed_to_download',
    ])
    const [again] = await ingest.enqueue({ repo: 'images', list })
    expect(again?.known).toBe(true)
    expect((await fetchAll(varve)).rows).toBe(0)

    expect(await ingest.retry('images')).toBe(2)
    await fetchAll(varve)
    expect((await rowsOf(varve)).map(({ status }) => status)).toEqual([
      'success',
      'success',
      'failed_to_download',
    ])
    expect(server.timesSeen('/image/1')).toBe(1)
  })
})

test('a refresh asks with validators and keeps what has not changed', async () => {
  await withProject(async (varve, dir) => {
    const list = listOf(dir, [server.url('/image/1')])
    const ingest = await varve.ingest()
    await ingest.enqueue({ repo: 'images', list })
    await fetchAll(varve)
    const head = varve.branches.inspect('images@master').head
    const [before] = await rowsOf(varve)

    await ingest.enqueue({ repo: 'images', list, refresh: true })
    await fetchAll(varve)
    const [after] = await rowsOf(varve)
    expect(server.seen.at(-1)?.headers['if-none-match']).toBe('"image-1"')
    expect(after).toMatchObject({ status: 'success', media: { digest: before?.media?.digest } })
    expect(varve.branches.inspect('images@master').head).toBe(head)
  })
})

test('rows of a deleted repo go with it: the list can be enqueued anew', async () => {
  await withProject(async (varve, dir) => {
    const list = listOf(dir, [server.url('/image/1')])
    const ingest = await varve.ingest()
    await ingest.enqueue({ repo: 'images', list })
    await fetchAll(varve)
    await varve.repos.delete('images')
    await varve.repos.create('images')
    const [again] = await ingest.enqueue({ repo: 'images', list })
    expect(again?.known).toBe(false)
    await fetchAll(varve)
    expect(await rowsOf(varve)).toMatchObject([{ status: 'success' }])
    expect(server.timesSeen('/image/1')).toBe(2)
  })
})

test('what is stored is what was sent, though bodies share their memory one after another', async () => {
  await withProject(async (varve, dir) => {
    const sizes = [100, 40_000, 70_000, 90_000, 150_000, 300_000]
    const urls = Array.from({ length: 240 }, (_, at) =>
      server.url(`/bytes/${sizes[at % sizes.length]}?seed=${at}`),
    )
    const ingest = await varve.ingest()
    await ingest.enqueue({ repo: 'images', list: listOf(dir, urls) })
    const progress = await ingest.serve({
      repo: 'images',
      untilIdle: true,
      commitRows: 50,
      concurrency: 16,
      fetch: impatient,
    })
    expect(progress.statuses).toEqual({ success: 240 })
    expect((await varve.fsck({ readData: true })).faults).toEqual([])
  })
})

test('commits are made while the service runs, and each moves the branch', async () => {
  await withProject(async (varve, dir) => {
    const urls = Array.from({ length: 60 }, (_, at) => server.url(`/image/${at}`))
    const ingest = await varve.ingest()
    await ingest.enqueue({ repo: 'images', list: listOf(dir, urls) })
    const progress = await ingest.serve({
      repo: 'images',
      untilIdle: true,
      commitRows: 20,
      concurrency: 8,
      fetch: impatient,
    })
    expect(progress).toMatchObject({ rows: 60, statuses: { success: 60 } })
    expect(progress.commits).toBeGreaterThan(1)
    expect(varve.history({ repo: 'images', branch: 'master' }).length).toBe(progress.commits)
  })
})

test('while services of two repos run, each is told of under its own repo', async () => {
  await withProject(async (varve, dir) => {
    await varve.repos.create('sounds')
    const ingest = await varve.ingest()
    const stop = new AbortController()
    const runs = ['images', 'sounds'].map(async (repo, at) => {
      const list = listOf(dir, [server.url(`/image/${at}`)], `${repo}.txt`)
      await ingest.enqueue({ repo, list })
      await ingest.serve({ repo, commitSeconds: 0, signal: stop.signal, fetch: impatient })
    })
    const told = async () =>
      (await ingest.report()).map(({ repo, service }) => [repo, service?.pid])
    const both = ['default/images', 'default/sounds'].map((repo) => [repo, process.pid])
    await vi.waitFor(async () => expect(await told()).toEqual(both), { timeout: 10_000 })
    stop.abort()
    await Promise.all(runs)
    expect((await told()).map(([, pid]) => pid)).toEqual([undefined, undefined])
  })
})

test('texts and JSON with captions are files beside those of their samples', async () => {
  await withProject(async (varve, dir) => {
    const list = join(dir, 'texts.csv')
    const urls = ['/status/200', '/status/206', '/json', '/empty'].map((path) => server.url(path))
    writeFileSync(list, `url,caption\n${urls.map((url) => `${url},\n`).join('')}`)
    const ingest = await varve.ingest()
    await ingest.enqueue({ repo: 'images', list, captionColumn: 'caption' })
    expect(await fetchAll(varve)).toMatchObject({ statuses: { success: 4 } })
    const rows = await rowsOf(varve)
    expect(rows.map(({ media }) => media?.extension)).toEqual([
      'body.txt',
      'body.txt',
      'body.json',
      'body.txt',
    ])
  })
})
