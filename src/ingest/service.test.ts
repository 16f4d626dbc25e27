import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { factMaker, memoryEventBus } from '../events/index.ts'
import { repoKey } from '../repos/index.ts'
import { openTestStore } from '../repos/store.fixture.ts'
import { systemClock, systemRandom } from '../util/index.ts'
import { openFetcher } from './fetch/index.ts'
import { openMedia } from './media.ts'
import { ingestReducer } from './rows/reducer.ts'
import { runService } from './service.ts'
import { rowsTopic } from './topics.ts'

const mebibyte = 1024 * 1024
const atOnce = 4

let server: Server | undefined
afterEach(() => server?.close())

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

test('requests stop while 64 MiB of bodies wait to be stored, and go on when they are', async () => {
  const { asked, url } = await largeBodies()
  const { open, processor } = await gatedMedia()
  const data = await openTestStore({ reducers: [ingestReducer] })
  const { store } = data
  const repo = repoKey('images')
  await store.repos.create(repo)
  const bus = memoryEventBus({})
  const fact = factMaker('/test', systemClock, systemRandom)
  const rows = Array.from({ length: 100 }, (_, position) => ({
    list: 'a',
    position,
    url: url(position),
  }))
  await bus.publish(
    rowsTopic(repo),
    rows.map((row) => ({ key: row.url, fact: fact({ type: 'row.enqueued', data: row }) })),
  )
  const fetcher = openFetcher({
    allow: ['127.0.0.1'],
    concurrency: atOnce,
    hostConcurrency: atOnce,
  })
  const ending = runService(
    { store, bus, clock: systemClock, work: { fetcher, processor } },
    {
      repo,
      branch: 'master',
      concurrency: 1000,
      commitRows: 1000,
      commitSeconds: 60,
      untilIdle: true,
      signal: new AbortController().signal,
    },
  )
  await settled(asked, 64)
  expect(asked()).toBeGreaterThanOrEqual(64)
  // Those on their way when the limit was met.
  expect(asked()).toBeLessThanOrEqual(64 + atOnce)
  open()
  expect(await ending).toMatchObject({ rows: 100, statuses: { success: 100 } })
  await fetcher.close()
  await data.close()
}, 60_000)

/** Waits until a count that has come so far stays as it is for a while. */
async function settled(count: () => number, least: number): Promise<void> {
  for (let before = -1; before < least || count() !== before;) {
    before = count()
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
