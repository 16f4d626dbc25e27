import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { factMaker, memoryEventBus } from '../events/index.ts'
import { openTestStore, pathsOf, steppingClock } from '../repos/store.fixture.ts'
import { systemClock, systemRandom } from '../util/index.ts'
import { imageBytes } from './fetch/hostile-server.fixture.ts'
import { openFetcher } from './fetch/index.ts'
import { openMedia } from './media.ts'
import type { IngestRowsOp } from './rows/ops.ts'
import { ingestReducer } from './rows/reducer.ts'
import type { QueuedRow, RowEnd } from './rows/row.ts'
import { RowTable } from './rows/row-table.ts'
import { endedRows, repo } from './rows/rows.fixture.ts'
import { runService, type ServiceOptions, type ServiceProgress } from './service.ts'
import { rowsTopic } from './topics.ts'

const mebibyte = 1024 * 1024
const atOnce = 4

let server: Server | undefined
afterEach(() => {
  vi.useRealTimers()
  server?.close()
})

/** Answers every request with a mebibyte, and counts them. */
async function largeBodies() {
  let asked = 0
  server = createServer((_, response) => {
    asked += 1
    response.end(Buffer.alloc(mebibyte, asked))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { asked: () => asked, url: (nth: number) => `http://127.0.0.1:${port}/${nth}` }
}

/** Work on bodies that goes on only when it is told to. */
async function gatedMedia() {
  const media = await openMedia('any', {})
  const gate = Promise.withResolvers<void>()
  const process: typeof media.process = async (...given) => {
    await gate.promise
    return media.process(...given)
  }
  return { open: gate.resolve, processor: { ...media, process } }
}

/** Rows on the bus for a repo of a store in memory. */
async function queued(rows: readonly QueuedRow[]) {
  const data = await openTestStore({ reducers: [ingestReducer] })
  await data.store.repos.create(repo)
  const bus = memoryEventBus({})
  const fact = factMaker('/test', systemClock, systemRandom)
  const messageOf = (row: QueuedRow) => ({
    key: row.url,
    fact: fact({ type: 'row.enqueued', data: { ...row } }),
  })
  const publish = (more: readonly QueuedRow[]) => bus.publish(rowsTopic(repo), more.map(messageOf))
  await publish(rows)
  return { data, bus, publish }
}

const untilIdle: ServiceOptions = {
  repo,
  branch: 'master',
  concurrency: 1000,
  commitRows: 1000,
  commitSeconds: 60,
  untilIdle: true,
  signal: new AbortController().signal,
}

test('requests stop while 64 MiB of bodies wait to be stored, and go on when they are', async () => {
  const { asked, url } = await largeBodies()
  const { open, processor } = await gatedMedia()
  const rows = Array.from({ length: 100 }, (_, position) => ({
    list: 'a',
    position,
    url: url(position),
  }))
  const { data, bus } = await queued(rows)
  const fetcher = openFetcher({
    allow: ['127.0.0.1'],
    concurrency: atOnce,
    hostConcurrency: atOnce,
  })
  const work = { fetcher, processor }
  const ending = runService({ store: data.store, bus, clock: systemClock, work }, untilIdle)
  await settled(asked, 64)
  expect(asked()).toBeGreaterThanOrEqual(64)
  // Those on their way when the limit was met.
  expect(asked()).toBeLessThanOrEqual(64 + atOnce)
  open()
  expect(await ending).toMatchObject({ rows: 100, statuses: { success: 100 } })
  await fetcher.close()
  await data.close()
}, 60_000)

describe('rows that need no request', () => {
  const count = 5000

  /** Runs until all are settled; answers how many were waiting at every turn. */
  async function waitingAt(rows: readonly QueuedRow[], ended: readonly RowEnd[]) {
    const { data, bus } = await queued(rows)
    const op: IngestRowsOp = { op: 'ingest.rows', repo, rows: ended }
    await data.store.transact(async (tx) => tx.emit(op))
    const fetcher = openFetcher()
    const work = { fetcher, processor: await openMedia('any', {}) }
    const waiting: number[] = []
    // Nobody moves these on: who waits for one waits for ever.
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const last = await runService(
      { store: data.store, bus, clock: steppingClock(), work },
      {
        ...untilIdle,
        commitSeconds: 1e9,
        progress: (progress) => waiting.push(progress.waiting),
      },
    )
    vi.useRealTimers()
    await fetcher.close()
    await data.close()
    return { last, waiting }
  }

  test('are acknowledged while more of them come, without a pause', async () => {
    const rows = endedRows('a', count)
    const { last, waiting } = await waitingAt(rows, rows)
    expect(last).toMatchObject({ rows: 0, waiting: 0, commits: 0 })
    expect(waiting.slice(0, 5)).toEqual([4000, 3000, 2000, 1000, 0])
  })

  test('because another row has their URL end at once, and are committed as they come', async () => {
    const [first] = endedRows('a', 1)
    const again = Array.from({ length: count }, (_, position) => ({
      list: 'b',
      position,
      url: first?.url ?? '',
    }))
    const { last, waiting } = await waitingAt(again, first === undefined ? [] : [first])
    expect(last).toMatchObject({ statuses: { duplicate: count }, waiting: 0, commits: 5 })
    expect(waiting.slice(0, 5)).toEqual([4000, 3000, 2000, 1000, 0])
  })
})

test('each commit is told of when it is made, for who works on with it', async () => {
  const { url } = await largeBodies()
  const row = (at: number): QueuedRow => ({ list: 'a', position: at, url: url(at) })
  const { data, bus, publish } = await queued([row(0)])
  const fetcher = openFetcher({ allow: ['127.0.0.1'] })
  const work = { fetcher, processor: await openMedia('any', {}) }
  const stop = new AbortController()
  let last = 0
  // Each row waits for the commit before it to be told of, and by this clock no second passes.
  const progress = ({ commits }: ServiceProgress): void => {
    if (commits === 3) stop.abort()
    else if (commits > last) void publish([row(commits)])
    last = commits
  }
  const options = { ...untilIdle, untilIdle: false, commitRows: 1, signal: stop.signal, progress }
  const clock = { now: () => 1e12 }
  expect(await runService({ store: data.store, bus, clock, work }, options)).toMatchObject({
    commits: 3,
  })
  await fetcher.close()
  await data.close()
})

test('a service that stops on a fault begins no further requests', async () => {
  const { asked, url } = await largeBodies()
  const rows = Array.from({ length: 50 }, (_, at) => ({ list: 'a', position: at, url: url(at) }))
  const { data, bus } = await queued(rows)
  const fetcher = openFetcher({ allow: ['127.0.0.1'] })
  const process = () => Promise.reject(new Error('no picture library'))
  const work = { fetcher, processor: { ...(await openMedia('any', {})), process } }
  const ending = runService(
    { store: data.store, bus, clock: systemClock, work },
    { ...untilIdle, concurrency: atOnce },
  )
  await expect(ending).rejects.toThrow('no picture library')
  await new Promise((done) => setTimeout(done, 200))
  // Those on their way when the first failed.
  expect(asked()).toBeLessThanOrEqual(2 * atOnce)
  await fetcher.close()
  await data.close()
})

test('the files of a row are those of how it ended last, whatever it had before', async () => {
  let answer = (response: ServerResponse) => void response.end(imageBytes(1))
  server = createServer((_, response) => answer(response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  const row = { list: 'a', position: 41, url, caption: 'a caption' }
  const { data, bus, publish } = await queued([row])
  const fetcher = openFetcher({ allow: ['127.0.0.1'], retries: 0 })
  const work = { fetcher, processor: await openMedia('any', {}) }
  const pathsNow = async () => {
    await runService({ store: data.store, bus, clock: systemClock, work }, untilIdle)
    return pathsOf(data.store, 'images@master')
  }
  const named = (...extensions: string[]) => extensions.map((each) => `a/000000041.${each}`)

  expect(await pathsNow()).toEqual(named('json', 'png', 'txt'))
  answer = (response) => void response.end('GIF89a and more')
  await publish([{ ...row, again: 'w1' }])
  expect(await pathsNow()).toEqual(named('gif', 'json', 'txt'))
  answer = (response) => void response.writeHead(503).end()
  await publish([{ ...row, again: 'busy', refresh: true }])
  expect(await pathsNow()).toEqual(named('gif', 'json', 'txt'))
  const rows = new RowTable(data.store.db, repo)
  expect([...rows.list()]).toMatchObject([
    { status: 'success', error: expect.stringContaining('503') as string },
  ])
  answer = (response) => void response.writeHead(404).end()
  await publish([{ ...row, again: 'w2', refresh: true }])
  expect(await pathsNow()).toEqual([])
  answer = (response) => void response.end(imageBytes(1))
  await publish([{ ...row, again: 'w3' }])
  expect(await pathsNow()).toEqual(named('json', 'png', 'txt'))
  await fetcher.close()
  await data.close()
})

/** Waits until a count that has come so far stays as it is for a while. */
async function settled(count: () => number, least: number): Promise<void> {
  for (let before = -1; before < least || count() !== before;) {
    before = count()
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
