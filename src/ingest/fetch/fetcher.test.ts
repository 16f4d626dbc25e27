import { readdirSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openFetcher } from './fetcher.ts'
import {
  imageBytes,
  openHostileServer,
  plainText,
  type HostileServer,
} from './hostile-server.fixture.ts'
import type { Fetcher, FetcherOptions, FetchOutcome } from './types.ts'

let server: HostileServer
const opened: Fetcher[] = []

beforeAll(async () => {
  server = await openHostileServer()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((fetcher) => fetcher.close()))
})
afterAll(() => server.close())

function open(options: FetcherOptions = {}): Fetcher {
  const fetcher = openFetcher({
    allow: ['127.0.0.1'],
    timeoutMs: 5000,
    deadlineMs: 20_000,
    retries: 0,
    backoffMs: 5,
    ...options,
  })
  opened.push(fetcher)
  return fetcher
}

async function get(path: string, options: FetcherOptions = {}): Promise<FetchOutcome> {
  const url = path.startsWith('/') ? server.url(path) : path
  return open(options).fetch({ url })
}

async function errorOf(path: string, options: FetcherOptions = {}): Promise<string> {
  const end = await get(path, options)
  return end.kind === 'failed' ? end.error : end.kind
}

test('a good answer comes with its bytes, type and validators', async () => {
  const end = await get('/image/7')
  expect(end).toEqual({
    kind: 'fetched',
    bytes: imageBytes(7),
    url: server.url('/image/7'),
    contentType: 'image/png',
    etag: '"image-7"',
    lastModified: 'Wed, 01 Jan 2025 00:00:00 GMT',
    attempts: 1,
  })
})

test('a body much larger than one read is whole, with and without a length', async () => {
  const large = await get('/bytes/3000000?seed=abc')
  expect(
    large.kind === 'fetched' && Buffer.from(large.bytes).equals(Buffer.alloc(3e6, 'abc')),
  ).toBe(true)
  const open = await get('/until-close')
  expect(open.kind === 'fetched' && open.bytes.length).toBe(1000)
  const empty = await get('/empty')
  expect(empty.kind === 'fetched' && empty.bytes.length).toBe(0)
})

test('what is not a picture is fetched all the same: that is for others to judge', async () => {
  expect(await get('/html')).toMatchObject({ kind: 'fetched', contentType: 'text/html' })
})

test('the error of a status names it as img2dataset does', async () => {
  expect(await errorOf('/status/404')).toBe('HTTP Error 404: Not Found')
  expect(await errorOf('/status/410')).toBe('HTTP Error 410: Gone')
  expect(await errorOf('/status/500')).toBe('HTTP Error 500: Internal Server Error')
  expect(await errorOf('/status/429')).toBe('HTTP Error 429: Too Many Requests')
})

test('servers that keep us waiting end with a timeout', async () => {
  const options = { deadlineMs: 10_000, timeoutMs: 100 }
  const ends = await Promise.all([errorOf('/slow-headers', options), errorOf('/stall', options)])
  expect(ends).toEqual(['timed out', 'timed out'])
})

test('a dripping body and an endless one end at the deadline of the whole request', async () => {
  const late = 'timed out (deadline of 0.4 s for the whole request)'
  expect(await errorOf('/drip', { deadlineMs: 400 })).toBe(late)
  expect(await errorOf('/endless', { deadlineMs: 400, maxBytes: 1e12 })).toBe(late)
})

test('the deadline covers all redirects together', async () => {
  const chain = `/redirect-to?url=${encodeURIComponent('/redirect-to?url=/slow/1500')}`
  const start = performance.now()
  expect(await errorOf('/slow/240')).toBe('fetched')
  expect(await errorOf(chain, { deadlineMs: 150 })).toContain('deadline of 0.15 s')
  expect(performance.now() - start).toBeLessThan(2000)
})

test('a body over the limit is refused, by its length or while it comes', async () => {
  const options = { maxBytes: 100_000 }
  expect(await errorOf('/huge', options)).toBe('body larger than 100000 bytes')
  expect(await errorOf('/endless', options)).toBe('body larger than 100000 bytes')
  expect(await errorOf('/bytes/100000', options)).toBe('fetched')
  expect(await errorOf('/bytes/100001', options)).toBe('body larger than 100000 bytes')
})

test('a body shorter than promised is incomplete; one that is longer is cut at its length', async () => {
  expect(await errorOf('/short')).toBe('IncompleteRead(100 bytes read, 400 more expected)')
  expect(await errorOf('/chunked-cut')).toBe('IncompleteRead(3 bytes read)')
  const long = await get('/long')
  expect(long.kind === 'fetched' && long.bytes.length).toBe(100)
})

test('connections that break are named by what broke', async () => {
  expect(await errorOf('/reset')).toBe('[Errno 104] Connection reset by peer')
  expect(await errorOf('/close')).toBe('Remote end closed connection without response')
  expect(await errorOf('/reset-body')).toBe('[Errno 104] Connection reset by peer')
  expect(await errorOf('/garbage')).toBe('malformed HTTP response')
  expect(await errorOf('/header-flood')).toBe('response headers too large')
})

test('nobody listening, no such name, no answer from name servers', async () => {
  const refused = '<urlopen error [Errno 111] Connection refused>'
  expect(await errorOf('http://127.0.0.1:1/')).toBe(refused)
  const failing = (code: string): FetcherOptions => ({
    resolve: () => Promise.reject(Object.assign(new Error(code), { code })),
  })
  const unknown = await get('http://no.example/', { ...failing('ENOTFOUND'), retries: 2 })
  const error = '<urlopen error [Errno -2] Name or service not known>'
  expect(unknown).toEqual({ kind: 'failed', error, attempts: 1 })
  expect(await errorOf('http://no.example/', failing('ETIMEOUT'))).toBe(
    '<urlopen error [Errno -3] Temporary failure in name resolution>',
  )
})

test('encodings are undone', async () => {
  for (const path of ['gzip', 'deflate', 'raw-deflate', 'br', 'gzip-twice']) {
    const end = await get(`/${path}`)
    expect(end.kind === 'fetched' && plainText.equals(end.bytes), path).toBe(true)
  }
})

test('encoded bodies that are cut, broken or unknown are errors', async () => {
  for (const encoding of ['gzip', 'br']) {
    expect(await errorOf(`/truncated/${encoding}`)).toMatch(`invalid ${encoding} body: `)
  }
  expect(await errorOf('/zstd')).toMatch('unsupported content encoding: zstd')
  expect(await errorOf('/gzip-garbage')).toBe('invalid gzip body: incorrect header check')
  expect(await errorOf('/unknown-encoding')).toBe('unsupported content encoding: rot13')
})

test('a decompression bomb stops at the limit', async () => {
  const limit = 16 * 1024 * 1024
  expect(await errorOf('/bomb')).toBe(`body larger than ${limit} bytes when decompressed`)
  expect(await errorOf('/bomb-twice')).toBe(`body larger than ${limit} bytes when decompressed`)
  expect(await errorOf('/bomb', { maxBytes: 70_000 })).toBe(
    'body larger than 70000 bytes when decompressed',
  )
})

test('redirects of all kinds are followed, up to ten', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    const end = await get(`/redirect/2?status=${status}`)
    expect(end).toMatchObject({ kind: 'fetched', url: server.url('/image/1') })
  }
  expect(await errorOf('/redirect/10', { deadlineMs: 3000 })).toBe('fetched')
  expect(await errorOf('/redirect/11', { deadlineMs: 3000 })).toContain('infinite loop')
  expect(await errorOf('/redirect-nowhere')).toBe('HTTP Error 302: Found')
})

test('loops of redirects are found at the first repetition', async () => {
  const loop =
    'HTTP Error 302: The HTTP server returned a redirect error that would lead to an ' +
    'infinite loop.\nThe last 30x error message was:\nFound'
  expect(await errorOf('/loop')).toBe(loop)
  expect(server.timesSeen('/loop')).toBe(1)
  expect(await errorOf('/loop-a')).toBe(loop)
  expect(await errorOf('/loop-growing', { deadlineMs: 3000 })).toBe(loop)
})

test('redirects to private addresses and to files are refused', async () => {
  const to = (url: string): string => `/redirect-to?url=${encodeURIComponent(url)}`
  expect(await errorOf(to('http://10.0.0.1/'))).toBe('address not public, nor in --allow: 10.0.0.1')
  expect(await errorOf(to('http://169.254.169.254/latest/meta-data/'))).toBe(
    'address not public, nor in --allow: 169.254.169.254',
  )
  expect(await errorOf(to('http://[::ffff:10.0.0.1]/'))).toContain(
    'address not public, nor in --allow',
  )
  expect(await errorOf(to('http://2130706433/x'))).not.toContain(
    'address not public, nor in --allow',
  )
  expect(await errorOf(to('file:///etc/passwd'))).toBe(
    "HTTP Error 302: Found - Redirection to url 'file:///etc/passwd' is not allowed",
  )
})

test('addresses that are not public are refused unless allowed, by address and by name', async () => {
  const url = server.url('/image/1')
  expect(await errorOf(url, { allow: [] })).toBe('address not public, nor in --allow: 127.0.0.1')
  expect(await errorOf(url, { allow: ['127.0.0.0/8'] })).toBe('fetched')
  const named = url.replace('127.0.0.1', 'pictures.example')
  const resolve = async (): Promise<{ addresses: string[] }> => ({ addresses: ['127.0.0.1'] })
  expect(await errorOf(named, { allow: [], resolve })).toBe(
    'address not public, nor in --allow: 127.0.0.1',
  )
  expect(await errorOf(named, { allow: ['pictures.example'], resolve })).toBe('fetched')
  expect(await errorOf(named, { allow: ['127.0.0.1'], resolve })).toBe('fetched')
})

test('a name that changes its mind after the check reaches no other address', async () => {
  const answers = [['203.0.113.1'], ['127.0.0.1']]
  const resolve = async (): Promise<{ addresses: string[] }> => ({
    addresses: answers.shift() ?? [],
  })
  const fetcher = open({ allow: ['203.0.113.1'], resolve, timeoutMs: 100, deadlineMs: 150 })
  const url = server.url('/image/1').replace('127.0.0.1', 'rebind.example')
  expect(await fetcher.fetch({ url })).toMatchObject({ kind: 'failed' })
  expect(answers).toHaveLength(1)
})

test('waiting for name servers takes nothing from the time of the request', async () => {
  const resolve = async (): Promise<{ addresses: string[] }> => {
    await pause(1500)
    return { addresses: ['127.0.0.1'] }
  }
  const url = server.url('/image/1').replace('127.0.0.1', 'slow-dns.example')
  expect(await errorOf(url, { resolve, timeoutMs: 1200, deadlineMs: 1200 })).toBe('fetched')
})

test('only http and https are fetched', async () => {
  expect(await errorOf('file:///etc/passwd')).toBe("unknown url type: 'file:///etc/passwd'")
  expect(await errorOf('ftp://host/a.jpg')).toBe("unknown url type: 'ftp://host/a.jpg'")
  expect(await errorOf('picture.jpg')).toBe("unknown url type: 'picture.jpg'")
  expect(await get('data:,x')).toMatchObject({ kind: 'failed', attempts: 0 })
})

test('URLs with spaces, quotes, commas and any letters arrive escaped', async () => {
  expect(await errorOf(`${server.url('/status/200')}/a b,"c"/日本.jpg?q=ü`)).toBe('fetched')
  expect(server.seen.at(-1)?.path).toBe('/status/200/a%20b,%22c%22/%E6%97%A5%E6%9C%AC.jpg?q=%C3%BC')
})

test('what may pass is tried again, what cannot is not', async () => {
  const options = { retries: 3 }
  expect(await get('/flaky/500/2/a', options)).toMatchObject({ kind: 'fetched', attempts: 3 })
  expect(await get('/flaky/429/1/a', options)).toMatchObject({ kind: 'fetched', attempts: 2 })
  expect(await get('/flaky/503/9/a', options)).toMatchObject({ kind: 'failed', attempts: 4 })
  expect(await get('/status/404?x', options)).toMatchObject({ kind: 'failed', attempts: 1 })
  expect(await get('/status/410?x', options)).toMatchObject({ kind: 'failed', attempts: 1 })
  expect(await get('/short?x', { retries: 1 })).toMatchObject({ kind: 'failed', attempts: 2 })
})

test('Retry-After delays the whole host', async () => {
  const fetcher = open({ retries: 1, hostConcurrency: 1 })
  const path = '/flaky/429/1/b?retry-after=1'
  const first = fetcher.fetch({ url: server.url(path) })
  while (fetcher.hosts()[0]?.condition !== 'delayed') await pause(5)
  const second = fetcher.fetch({ url: server.url('/image/31') })
  expect(await first).toMatchObject({ kind: 'fetched', attempts: 2 })
  expect(await second).toMatchObject({ kind: 'fetched', attempts: 1 })
  const asked = server.seen.find((request) => request.path === path)?.at ?? 0
  const next = server.seen.find((request) => request.path === '/image/31')?.at ?? 0
  expect(next - asked).toBeGreaterThan(950)
})

test('a host that asks for more patience than we have is refused meanwhile', async () => {
  const fetcher = open({ retries: 3 })
  const end = await fetcher.fetch({ url: server.url('/flaky/429/9/c?retry-after=7200') })
  const error = 'host set aside: HTTP Error 429: Too Many Requests'
  expect(end).toEqual({ kind: 'failed', error, attempts: 1, mayPass: true })
  expect(await fetcher.fetch({ url: server.url('/image/1') })).toMatchObject({ error, attempts: 0 })
  expect(fetcher.hosts()).toMatchObject([{ condition: 'refused', active: 0, waiting: 0 }])
})

test('so many requests at once go to one host, and no more', async () => {
  const own = await openHostileServer()
  const fetcher = open({ hostConcurrency: 3, deadlineMs: 2000 })
  const urls = Array.from({ length: 12 }, (_, at) => own.url(`/slow/20?${at}`))
  const ends = await Promise.all(urls.map((url) => fetcher.fetch({ url })))
  expect(ends.every((end) => end.kind === 'fetched')).toBe(true)
  expect(own.mostAtOnce()).toBe(3)
  await own.close()
})

test('a thousand requests under way at once all end', async () => {
  const fetcher = open({
    hostConcurrency: 1000,
    concurrency: 1000,
    timeoutMs: 5000,
    deadlineMs: 9000,
  })
  const urls = Array.from({ length: 1000 }, (_, at) => server.url(`/slow/50?${at}`))
  const ends = await Promise.all(urls.map((url) => fetcher.fetch({ url })))
  expect(ends.filter((end) => end.kind === 'fetched')).toHaveLength(1000)
})

test('bodies in flight are limited and wait for each other', async () => {
  const fetcher = open({ maxBytesInFlight: 200_000, deadlineMs: 5000, timeoutMs: 5000 })
  const urls = Array.from({ length: 20 }, (_, at) => server.url(`/bytes/1000000?seed=${at}`))
  const ends = await Promise.all(urls.map((url) => fetcher.fetch({ url })))
  const sizes = ends.map((end) => (end.kind === 'fetched' ? end.bytes.length : end))
  expect(sizes).toEqual(urls.map(() => 1_000_000))
})

test('a certificate nobody vouches for is refused, unless told otherwise', async () => {
  const url = server.secureUrl('/image/4')
  expect(await get(url, { retries: 2 })).toEqual({
    kind: 'failed',
    error:
      '<urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ' +
      'self-signed certificate>',
    attempts: 1,
  })
  expect(await errorOf(url, { ignoreCertificates: true })).toBe('fetched')
})

test('HTTP/2 is spoken where the server offers it', async () => {
  const fetcher = open({ ignoreCertificates: true, deadlineMs: 3000 })
  const urls = Array.from({ length: 30 }, (_, at) => server.secureUrl(`/image/${at}?h2`))
  const ends = await Promise.all(urls.map((url) => fetcher.fetch({ url })))
  const sent = ends.map((end) => (end.kind === 'fetched' ? Buffer.from(end.bytes) : end))
  expect(sent).toEqual(urls.map((_, at) => imageBytes(at)))
  expect(server.seen.at(-1)?.headers[':scheme']).toBe('https')
  expect(await fetcher.fetch({ url: server.secureUrl('/status/404') })).toMatchObject({
    error: 'HTTP Error 404: Not Found',
  })
  expect(await fetcher.fetch({ url: server.secureUrl('/drip') })).toMatchObject({ kind: 'failed' })
})

test('a resource that did not change is not sent again', async () => {
  const url = server.url('/image/5')
  const fetcher = open()
  expect(await fetcher.fetch({ url, etag: '"image-5"' })).toEqual({
    kind: 'unchanged',
    attempts: 1,
  })
  const lastModified = 'Wed, 01 Jan 2025 00:00:00 GMT'
  expect(await fetcher.fetch({ url, lastModified })).toEqual({ kind: 'unchanged', attempts: 1 })
  expect(await fetcher.fetch({ url, etag: '"old"' })).toMatchObject({ kind: 'fetched' })
  expect(await errorOf('/status/304')).toBe('HTTP Error 304: Not Modified')
})

test('opt-out headers are obeyed, for all and for our token, unless turned off', async () => {
  const error = 'Use of image disallowed by X-Robots-Tag directive'
  expect(await get('/opt-out?tag=noai', { retries: 3 })).toEqual({
    kind: 'opted_out',
    error,
    attempts: 1,
  })
  expect(await errorOf('/opt-out?tag=nofollow&tag=img2dataset: noindex')).toBe('fetched')
  const userAgentToken = 'Img2Dataset'
  const named = '/opt-out?tag=nofollow&tag=img2dataset: noindex'
  expect(await get(named, { userAgentToken })).toMatchObject({ kind: 'opted_out' })
  expect(await errorOf('/opt-out?tag=noai', { disallowedHeaderDirectives: [] })).toBe('fetched')
})

test('robots.txt is read once for an origin, and obeyed', async () => {
  const own = await openHostileServer()
  own.setRobots(200, 'User-agent: *\nDisallow: /bytes/\n')
  const fetcher = open({ robotsTxt: true })
  const paths = ['/bytes/1', '/image/1', '/image/2', '/bytes/2', '/redirect-to?url=/bytes/3']
  const ends = await Promise.all(paths.map((path) => fetcher.fetch({ url: own.url(path) })))
  const kinds = ends.map((end) => end.kind)
  expect(kinds).toEqual(['opted_out', 'fetched', 'fetched', 'opted_out', 'opted_out'])
  expect(ends[0]).toMatchObject({ error: 'Disallowed by robots.txt', attempts: 0 })
  expect(own.timesSeen('/robots.txt')).toBe(1)
  await own.close()
})

test('no robots.txt allows everything, one that cannot be read nothing', async () => {
  const own = await openHostileServer()
  const url = own.url('/image/1')
  expect(await errorOf(url, { robotsTxt: true })).toBe('fetched')
  own.setRobots(503, '')
  expect(await errorOf(url, { robotsTxt: true })).toBe(
    'robots.txt: HTTP Error 503: Service Unavailable',
  )
  expect(await errorOf(url, { robotsTxt: false })).toBe('fetched')
  await own.close()
  const refused = '<urlopen error [Errno 111] Connection refused>'
  expect(await errorOf(url, { robotsTxt: true })).toBe(refused)
})

test('whoever waits for a robots.txt that never comes can be stopped, and ends by itself', async () => {
  const own = await openHostileServer()
  own.setRobots(0, '')
  const fetcher = open({ robotsTxt: true, deadlineMs: 200 })
  const stop = new AbortController()
  const stopped = fetcher.fetch({ url: own.url('/image/1') }, stop.signal)
  const left = fetcher.fetch({ url: own.url('/image/2') })
  await pause(30)
  stop.abort(new Error('enough'))
  await expect(stopped).rejects.toThrow('enough')
  expect(await left).toMatchObject({ kind: 'failed', attempts: 0 })
  const closing = open({ robotsTxt: true })
  const waiting = closing.fetch({ url: own.url('/image/3') })
  const rejected = expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' })
  await pause(30)
  await closing.close()
  await rejected
  await own.close()
})

test('the user agent says who asks', async () => {
  await get('/image/1?agent', {
    userAgentToken: 'Museum-Bot',
    contactUrl: 'https://example.org/bot',
  })
  expect(server.seen.at(-1)?.headers['user-agent']).toMatch(
    /^varve\/\d+\.\d+\.\d+ \(compatible; museum-bot; \+https:\/\/example\.org\/bot\)$/i,
  )
})

test('a signal stops what waits and what is under way, with its reason', async () => {
  const fetcher = open({ hostConcurrency: 1 })
  const stop = new AbortController()
  const running = fetcher.fetch({ url: server.url('/slow-headers') }, stop.signal)
  const waiting = fetcher.fetch({ url: server.url('/image/1') }, stop.signal)
  const other = fetcher.fetch({ url: server.url('/image/2') })
  await pause(30)
  stop.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
  await expect(waiting).rejects.toThrow('enough')
  await expect(fetcher.fetch({ url: server.url('/image/1') }, stop.signal)).rejects.toThrow(
    'enough',
  )
  expect(await other).toMatchObject({ kind: 'fetched' })
})

test('closing stops everything, and a closed fetcher takes nothing', async () => {
  const fetcher = open()
  const running = fetcher.fetch({ url: server.url('/slow-headers') })
  const rejected = expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' })
  await pause(30)
  await fetcher.close()
  await rejected
  await expect(fetcher.fetch({ url: server.url('/image/1') })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
})

test('a hostile list ends by itself and leaves no descriptor open', async () => {
  const own = await openHostileServer()
  await openFetcher({ allow: ['127.0.0.1'] }).close()
  const before = descriptors()
  const paths =
    'slow-headers drip stall endless huge short long chunked-cut garbage header-flood bomb ' +
    'truncated/gzip loop loop-growing status/404 status/500 reset close reset-body ' +
    'opt-out?tag=noai html image/1'
  const urls = paths
    .split(' ')
    .flatMap((path) => [0, 1, 2].map((at) => `/${path}${mark(path, at)}`))
  const fetcher = open({
    retries: 1,
    maxBytes: 1e6,
    hostFailures: 1000,
    hostConcurrency: 100,
    timeoutMs: 2000,
    deadlineMs: 1000,
  })
  const all = [...urls.map((path) => own.url(path)), ...urls.map((path) => own.secureUrl(path))]
  const ends = await Promise.all(all.map((url) => fetcher.fetch({ url })))
  expect(ends.filter((end) => end.kind === 'fetched')).toHaveLength(3 * 3)
  expect(ends.filter((end) => end.kind === 'opted_out')).toHaveLength(3)
  await fetcher.close()
  await own.close()
  await settled(() => descriptors() <= before)
  expect(descriptors()).toBeLessThanOrEqual(before)
})

function mark(path: string, at: number): string {
  return `${path.includes('?') ? '&' : '?'}n=${at}`
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

async function settled(isDone: () => boolean): Promise<void> {
  for (let round = 0; round < 100 && !isDone(); round++) await pause(10)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
