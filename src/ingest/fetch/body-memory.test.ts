import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFetcher } from './fetcher.ts'
import type { Fetcher } from './types.ts'

/** Large enough to be kept where it was read, all in buffers of one size. */
const size = 40_000
let servers: Server[] = []
let fetcher: Fetcher

beforeEach(() => {
  fetcher = openFetcher({ allow: ['127.0.0.1'], retries: 0, robotsTxt: true })
})
afterEach(async () => {
  await fetcher.close()
  for (const server of servers) server.close()
  servers = []
})

/** An origin of its own, with this text as its robots.txt. */
async function serve(robots: string): Promise<string> {
  const server = createServer(({ url }, response) => {
    if (url === '/robots.txt') {
      response.end(robots)
      return
    }
    const isPart = url === '/part'
    const headers = isPart ? { 'content-range': `bytes 0-${size - 1}/${2 * size}` } : {}
    response.writeHead(isPart ? 206 : 200, { ...headers, 'content-length': size })
    response.end(Buffer.alloc(size, 'x'))
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The memory a body came in, which is given back at once. */
async function memoryOf(url: string): Promise<ArrayBufferLike> {
  const end = await fetcher.fetch({ url })
  if (end.kind !== 'fetched') throw new Error(`${url}: ${end.kind}`)
  fetcher.recycle(end.bytes)
  return end.bytes.buffer
}

test('memory of a part that is refused is there for the next body', async () => {
  const origin = await serve('')
  const memory = await memoryOf(`${origin}/whole`)
  expect(await fetcher.fetch({ url: `${origin}/part` })).toMatchObject({ kind: 'failed' })
  expect(await memoryOf(`${origin}/whole`)).toBe(memory)
})

test('memory of a long robots.txt is there for the next body, and its rules are obeyed', async () => {
  const memory = await memoryOf(`${await serve('')}/whole`)
  const long = `User-agent: *\nDisallow: /no\n#${'.'.repeat(size)}\n`
  const origin = await serve(long)
  expect(await memoryOf(`${origin}/whole`)).toBe(memory)
  expect(await fetcher.fetch({ url: `${origin}/no` })).toMatchObject({ kind: 'opted_out' })
})
