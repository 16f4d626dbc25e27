import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { openFetcher } from './fetcher.ts'
import type { Fetcher, FetchOutcome } from './types.ts'

// What the web answers and no HTTP library would: bytes, as they go over the wire.

const body = 'a picture'
let server: Server | undefined
let fetcher: Fetcher | undefined
let asked: string[] = []

afterEach(async () => {
  await fetcher?.close()
  server?.close()
  asked = []
})

type Answer = (socket: Socket, path: string, nth: number) => void

/** Answers each request of a connection with what `answer` writes; `nth` counts from 1 on each. */
async function serve(answer: Answer, address = '127.0.0.1'): Promise<string> {
  await fetcher?.close()
  server?.close()
  server = createServer((socket) => {
    let [text, nth] = ['', 0]
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      text += data.toString('latin1')
      const requests = text.split('\r\n\r\n')
      text = requests.pop() ?? ''
      for (const request of requests) {
        const path = request.split(' ')[1] ?? ''
        asked.push(path)
        nth += 1
        answer(socket, path, nth)
      }
    })
  })
  server.listen(0, address)
  await once(server, 'listening')
  fetcher = openFetcher({ allow: ['127.0.0.1', '::1'], timeoutMs: 1000, retries: 0 })
  const { port } = server.address() as AddressInfo
  return address.includes(':') ? `http://[${address}]:${port}` : `http://${address}:${port}`
}

function ok(headers = '', text = body): string {
  return `HTTP/1.1 200 OK\r\n${headers}content-length: ${text.length}\r\n\r\n${text}`
}

async function fetched(url: string): Promise<FetchOutcome> {
  if (fetcher === undefined) throw new Error('nothing is served yet')
  return fetcher.fetch({ url })
}

/** The text of a fetched body, or the error. */
async function get(url: string): Promise<string> {
  const end = await fetched(url)
  if (end.kind === 'fetched') return Buffer.from(end.bytes).toString()
  return end.kind === 'unchanged' ? 'unchanged' : end.error
}

/** Fetches from a server that has one answer for all. */
async function answered(bytes: string): Promise<string> {
  const url = await serve((socket) => socket.end(bytes, 'latin1'))
  return get(`${url}/`)
}

test.each([
  ['hints before the answer', `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${ok()}`],
  ['an answer that is being processed', `HTTP/1.1 102 Processing\r\n\r\n${ok()}`],
  ['a server of HTTP/1.0', `HTTP/1.0 200 OK\r\n\r\n${body}`],
  ['a status without a reason', ok().replace(' OK', '')],
  ['a type that is not that of the bytes', ok('content-type: text/html\r\n')],
  ['headers of letters no header may hold', ok('content-disposition: filename="caf\xe9"\r\n')],
  ['headers of 40,000 bytes', ok(`content-security-policy: ${'x'.repeat(40_000)}\r\n`)],
  [
    'chunks with trailers',
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9;x=y\r\n${body}\r\n0\r\nx-sum: 1\r\n\r\n`,
  ],
  ['something behind the body', `${ok()}and more`],
])('%s does no harm', async (_, bytes) => {
  expect(await answered(bytes)).toBe(body)
})

test.each(['utf-8', 'none', 'binary', '8bit', 'aws-chunked', 'image/jpeg', 'identity', ''])(
  'content-encoding "%s" is none: the bytes are taken as they are',
  async (encoding) => {
    expect(await answered(ok(`content-encoding: ${encoding}\r\n`))).toBe(body)
  },
)

test.each([
  ['a 100 that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${ok()}`],
  ['a 101 that nobody asked for', `HTTP/1.1 101 Go\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n`],
  ['two lengths', ok(`content-length: ${body.length + 1}\r\n`)],
  ['a length below nothing', `HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n${body}`],
  ['no header at all', body],
])('%s is a malformed answer, and is asked for once', async (_, bytes) => {
  expect(await answered(bytes)).toBe('malformed HTTP response')
  expect(asked).toHaveLength(1)
})

test('a part nobody asked for is incomplete, unless it is the whole', async () => {
  const part = (range: string): string =>
    ok(`content-range: ${range}\r\n`).replace('200 OK', '206 Partial Content')
  expect(await answered(part('bytes 0-8/1000'))).toBe(
    'IncompleteRead(9 bytes read, 991 more expected)',
  )
  expect(await answered(part('bytes 5-13/14'))).toBe(
    'IncompleteRead(9 bytes read, 5 more expected)',
  )
  expect(await answered(part('bytes 0-8/9'))).toBe(body)
  expect(await answered(part('bytes 0-8/*'))).toBe(body)
})

test.each([
  ['next.jpg', '/folder/next.jpg'],
  ['?size=large', '/folder/?size=large'],
  ['/a b.jpg', '/a%20b.jpg'],
  ['/next.jpg#top', '/next.jpg'],
  ['/ünï/日本.jpg', '/%C3%BCn%C3%AF/%E6%97%A5%E6%9C%AC.jpg'],
  ['/once.jpg\r\nlocation: /twice.jpg', '/once.jpg'],
])('a redirect to "%s" leads to %s', async (location, path) => {
  const wire = Buffer.from(location).toString('latin1')
  const url = await serve((socket, asking) => {
    const moved = `HTTP/1.1 302 Found\r\nlocation: ${wire}\r\ncontent-length: 0\r\n\r\n`
    socket.write(asking === '/folder/' ? moved : ok(), 'latin1')
  })
  expect(await get(`${url}/folder/`)).toBe(body)
  expect(asked).toEqual(['/folder/', path])
})

test('a redirect in an old 8-bit alphabet goes back byte for byte', async () => {
  const url = await serve((socket, asking) => {
    const moved = 'HTTP/1.1 301 Moved\r\nlocation: /caf\xe9.jpg\r\ncontent-length: 0\r\n\r\n'
    socket.write(asking === '/' ? moved : ok(), 'latin1')
  })
  expect(await get(`${url}/`)).toBe(body)
  expect(asked).toEqual(['/', '/caf%E9.jpg'])
})

test('connections that the server gives up as the next request comes cost no row', async () => {
  const url = await serve((socket, _, nth) => {
    if (nth > 1) socket.destroy()
    else socket.write(ok())
  })
  for (let round = 0; round < 5; round++) {
    const urls = [0, 1, 2].map((at) => `${url}/${round}/${at}`)
    const ends = await Promise.all(urls.map(fetched))
    for (const end of ends) expect(end).toMatchObject({ kind: 'fetched', attempts: 1 })
  }
  expect(asked.length).toBeGreaterThan(15)
})

test('hosts that are IPv6 addresses are asked', async () => {
  const url = await serve((socket) => socket.write(ok()), '::1')
  expect(await get(`${url}/`)).toBe(body)
})

test('what stands before the host, or behind a #, is not sent', async () => {
  const url = await serve((socket) => socket.write(ok()))
  expect(await get(`${url.replace('//', '//user:secret@')}/x.jpg#top`)).toBe(body)
  expect(asked).toEqual(['/x.jpg'])
})

test('a URL of 100,000 letters and one with backslashes arrive', async () => {
  const url = await serve((socket, path) => socket.write(ok('', String(path.length))))
  expect(await get(`${url}/${'x'.repeat(99_999)}`)).toBe('100000')
  expect(await get(`${url}\\a\\b`)).toBe('4')
})
