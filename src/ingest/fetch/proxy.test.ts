import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { openFetcher } from './fetcher.ts'

afterEach(() => vi.unstubAllEnvs())

test('a proxy named in the environment is asked, but not for what is inside', async () => {
  const asked: (string | undefined)[] = []
  const proxy = createServer((request, response) => {
    asked.push(request.url)
    response.end('through the proxy')
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  vi.stubEnv('http_proxy', `http://127.0.0.1:${port}`)
  const fetcher = openFetcher({ retries: 0 })
  const end = await fetcher.fetch({ url: 'http://pictures.example/a.jpg' })
  expect(end.kind === 'fetched' && Buffer.from(end.bytes).toString()).toBe('through the proxy')
  expect(await fetcher.fetch({ url: 'http://10.0.0.1/' })).toMatchObject({
    error: 'address not public, nor in --allow: 10.0.0.1',
  })
  expect(asked).toEqual(['http://pictures.example/a.jpg'])
  await fetcher.close()
  proxy.closeAllConnections()
  proxy.close()
})
