import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFetcher } from './fetcher.ts'
import { openHostileServer, type HostileServer } from './hostile-server.fixture.ts'

let server: HostileServer
const unheard: unknown[] = []
const hear = (reason: unknown) => unheard.push(reason)
beforeEach(async () => {
  server = await openHostileServer()
  server.setRobots(0, '')
  unheard.length = 0
  process.on('unhandledRejection', hear)
})
afterEach(async () => {
  process.off('unhandledRejection', hear)
  await server.close()
})

/** Node tells of rejections nobody heard when the microtasks are done. */
const toldOf = () => new Promise((resolve) => setImmediate(resolve))

test('a fetch that is stopped while the client is loaded asks no server anything', async () => {
  const fetcher = openFetcher({ allow: ['127.0.0.1'], robotsTxt: true })
  const stop = new AbortController()
  const fetched = fetcher.fetch({ url: server.url('/image/1') }, stop.signal)
  stop.abort(new Error('enough'))
  await expect(fetched).rejects.toThrow('enough')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(server.timesSeen('/robots.txt')).toBe(0)
  await fetcher.close()
  await toldOf()
  expect(unheard).toEqual([])
})

test('a fetch that is stopped between two hops leaves no rejection behind when the fetcher is closed', async () => {
  const first = await openHostileServer()
  const stop = new AbortController()
  const path = `/redirect-to?url=${server.url('/image/1')}`
  // Looked at when an answer is here, before the next hop.
  const clock = {
    now: () => {
      if (first.timesSeen(path) > 0) stop.abort(new Error('enough'))
      return 0
    },
  }
  const fetcher = openFetcher({ allow: ['127.0.0.1'], robotsTxt: true, clock })
  await expect(fetcher.fetch({ url: first.url(path) }, stop.signal)).rejects.toThrow('enough')
  await fetcher.close()
  await toldOf()
  expect(unheard).toEqual([])
  await first.close()
})
