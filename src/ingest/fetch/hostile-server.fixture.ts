import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createSecureServer, type Http2SecureServer } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import {
  brotliCompressSync,
  crc32,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { selfSignedCertificate } from './self-signed.fixture.ts'

export interface SeenRequest {
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Milliseconds since the Unix epoch. */
  readonly at: number
}

export interface HostileServer {
  /** `path` is one of the behaviours in `behaviours` below. */
  url(path: string): string
  /** The same over TLS, with HTTP/2 and a certificate nobody vouches for. */
  secureUrl(path: string): string
  /** All requests so far, oldest first. */
  readonly seen: readonly SeenRequest[]
  /** How often a path was asked for. */
  timesSeen(path: string): number
  /** The most requests that were open at the same time. */
  mostAtOnce(): number
  /** What /robots.txt answers from now on; 404 at first. Status 0: nothing, for ever. */
  setRobots(status: number, text: string): void
  close(): Promise<void>
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly socket: Socket
  /** Parts of the path after the name of the behaviour. */
  readonly args: readonly string[]
  readonly query: URLSearchParams
  /** How often this very path was asked for, this time included. */
  readonly times: number
}

export const plainText = Buffer.from('the quick brown fox jumps over the lazy dog\n'.repeat(500))
const modified = 'Wed, 01 Jan 2025 00:00:00 GMT'

/** A picture that any decoder takes; another one for each number. */
export function imageBytes(number: number, size = 8): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const rows = Array.from({ length: size }, (_, row) => {
    const line = Buffer.alloc(1 + size * 3)
    for (let at = 1; at < line.length; at++) line[at] = (number * 37 + row * 5 + at * 11) & 0xff
    line.writeUInt16BE(number & 0xffff, 1)
    return line
  })
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const chunks = [
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.concat(rows))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]
  return Buffer.concat([signature, ...chunks])
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(data.length, 0)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  return chunk
}

/** `/<name>/<argument>…?…`: everything a server can do wrong, and a few things it does right. */
const behaviours: Readonly<Record<string, (exchange: Exchange) => void>> = {
  /** /image/N: a good picture with validators; /image/N?etag=none without. */
  image: ({ request, response, args, query }) => {
    const etag = `"image-${args[0]}"`
    const { 'if-none-match': known, 'if-modified-since': since } = request.headers
    const validators = query.has('etag') ? {} : { etag, 'last-modified': modified }
    if (known === etag || since === modified) response.writeHead(304, validators).end()
    else sendImage(response, Number(args[0]), validators)
  },
  /** /bytes/N: N bytes that depend on the query. */
  bytes: ({ response, args, query }) => {
    const body = Buffer.alloc(Number(args[0]), query.get('seed') ?? 'x')
    response.writeHead(200, { 'content-length': body.length }).end(body)
  },
  json: ({ response }) => response.end('{"a": 1}'),
  empty: ({ response }) => response.writeHead(200, { 'content-length': 0 }).end(),
  html: ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>No image here</html>')
  },

  // Time.
  'slow-headers': () => undefined,
  /** /slow/MS: a good picture after a while. */
  slow: ({ response, args }) => later(response, Number(args[0]), () => sendImage(response, 1)),
  /** One byte every 20 ms, for ever. */
  drip: ({ response }) => {
    response.writeHead(200, { 'content-length': 1_000_000 })
    const timer = setInterval(() => response.write('x'), 20)
    response.on('close', () => clearInterval(timer))
  },
  /** Some bytes, then silence. */
  stall: ({ response }) => {
    response.writeHead(200, { 'content-length': 1000 }).write(Buffer.alloc(100))
  },

  // Size and framing.
  endless: ({ response }) => {
    response.writeHead(200, { 'content-type': 'image/jpeg' })
    pourForEver(response)
  },
  huge: ({ response }) => {
    response.writeHead(200, { 'content-length': 10_000_000_000 })
    pourForEver(response)
  },
  short: ({ response, socket }) => {
    response.writeHead(200, { 'content-length': 500 })
    response.write(Buffer.alloc(100), () => socket.end())
  },
  long: ({ socket }) => {
    socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n${'x'.repeat(500)}`)
  },
  'chunked-cut': ({ socket }) => {
    socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n64\r\nabc')
  },
  /** No length, no chunks: the end of the connection is the end of the body. */
  'until-close': ({ socket }) => {
    socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${'x'.repeat(1000)}`)
  },
  garbage: ({ socket }) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n\r\n'),
  'header-flood': ({ socket }) => {
    socket.end(`HTTP/1.1 200 OK\r\n${'x-flood: 0123456789\r\n'.repeat(10_000)}\r\n`)
  },

  // Encodings of one text, good and bad.
  gzip: ({ response }) => sendEncoded(response, 'gzip', gzipSync(plainText)),
  deflate: ({ response }) => sendEncoded(response, 'deflate', deflateSync(plainText)),
  'raw-deflate': ({ response }) => sendEncoded(response, 'deflate', deflateRawSync(plainText)),
  br: ({ response }) => sendEncoded(response, 'br', brotliCompressSync(plainText)),
  zstd: ({ response }) => sendEncoded(response, 'zstd', zstdCompressSync(plainText)),
  'gzip-twice': ({ response }) => {
    sendEncoded(response, 'gzip, gzip', gzipSync(gzipSync(plainText)))
  },
  /** /truncated/ENCODING: half of it, with the length of the half. */
  truncated: ({ response, args }) => {
    const encoding = args[0] ?? 'gzip'
    const whole = { gzip: gzipSync, br: brotliCompressSync, zstd: zstdCompressSync }[encoding]
    const body = whole?.(plainText) ?? Buffer.alloc(0)
    sendEncoded(response, encoding, body.subarray(0, body.length >> 1))
  },
  'gzip-garbage': ({ response }) => sendEncoded(response, 'gzip', Buffer.from('not gzip at all')),
  'unknown-encoding': ({ response }) => sendEncoded(response, 'rot13', Buffer.from('uryyb')),
  /** 64 MiB of zeros in 64 KiB. */
  bomb: ({ response }) => sendEncoded(response, 'gzip', bomb()),
  'bomb-twice': ({ response }) => sendEncoded(response, 'gzip, gzip', gzipSync(bomb())),

  // Redirects.
  loop: ({ response }) => redirect(response, '/loop'),
  'loop-a': ({ response }) => redirect(response, '/loop-b'),
  'loop-b': ({ response }) => redirect(response, '/loop-a'),
  /** Never the same URL twice. */
  'loop-growing': ({ response, args }) => {
    redirect(response, `/loop-growing/${Number(args[0] ?? 0) + 1}`)
  },
  /** /redirect/N: N redirects before a picture; ?status=308. */
  redirect: ({ response, args, query }) => {
    const left = Number(args[0]) - 1
    const to = left > 0 ? `/redirect/${left}?${query.toString()}` : '/image/1'
    redirect(response, to, Number(query.get('status') ?? 302))
  },
  /** /redirect-to?url=…: anywhere. */
  'redirect-to': ({ response, query }) => redirect(response, query.get('url') ?? ''),
  'redirect-nowhere': ({ response }) => response.writeHead(302).end(),

  // Statuses.
  status: ({ response, args }) => response.writeHead(Number(args[0])).end('no'),
  /** /flaky/STATUS/N/…: fails N times, then a picture; ?retry-after=1. */
  flaky: ({ response, args, query, times }) => {
    const retryAfter = query.get('retry-after')
    if (times > Number(args[1])) sendImage(response, 1)
    else {
      const headers = retryAfter === null ? {} : { 'retry-after': retryAfter }
      response.writeHead(Number(args[0]), headers).end('again')
    }
  },

  // Connections.
  reset: ({ socket }) => socket.resetAndDestroy(),
  close: ({ socket }) => socket.destroy(),
  'reset-body': ({ response, socket }) => {
    response.writeHead(200, { 'content-length': 500 })
    response.write(Buffer.alloc(100), () => setTimeout(() => socket.resetAndDestroy(), 20))
  },

  /** /opt-out?tag=…&tag=…: a picture with these X-Robots-Tag headers. */
  'opt-out': ({ response, query }) => {
    sendImage(response, 1, { 'x-robots-tag': query.getAll('tag') })
  },
}

/** A server that misbehaves in every way we know. It listens on 127.0.0.1, on ports of its own. */
export async function openHostileServer(): Promise<HostileServer> {
  const seen: SeenRequest[] = []
  const counts = new Map<string, number>()
  const sockets = new Set<Socket>()
  let robots = { status: 404, text: '' }
  let open = 0
  let mostOpen = 0
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '/'
    const times = (counts.get(path) ?? 0) + 1
    counts.set(path, times)
    seen.push({ path, headers: { ...request.headers }, at: Date.now() })
    open += 1
    mostOpen = Math.max(mostOpen, open)
    response.on('close', () => (open -= 1))
    response.on('error', () => undefined)
    const { pathname, searchParams: query } = new URL(path, 'http://server')
    if (pathname === '/robots.txt') {
      if (robots.status === 0) return
      response.writeHead(robots.status, { 'content-type': 'text/plain' }).end(robots.text)
      return
    }
    const [name = '', ...args] = pathname.slice(1).split('/')
    const behave = behaviours[name]
    if (behave === undefined) response.writeHead(404).end('not found')
    else behave({ request, response, socket: request.socket, args, query, times })
  }
  const plain = createServer(answer)
  const secure = createSecureServer({ ...selfSignedCertificate(), allowHTTP1: true })
  // The compatibility layer of HTTP/2 gives objects with the same methods.
  secure.on('request', answer as never)
  for (const server of [plain, secure]) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => undefined)
    })
    server.on('secureConnection', (socket: Socket) => socket.on('error', () => undefined))
  }
  const [plainPort, securePort] = [await listen(plain), await listen(secure)]
  return {
    url: (path) => `http://127.0.0.1:${plainPort}${path}`,
    secureUrl: (path) => `https://127.0.0.1:${securePort}${path}`,
    seen,
    timesSeen: (path) => counts.get(path) ?? 0,
    mostAtOnce: () => mostOpen,
    setRobots: (status, text) => {
      robots = { status, text }
    },
    close: async () => {
      const closed = [plain, secure].map((server) => once(server, 'close'))
      plain.close()
      secure.close()
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

async function listen(server: Server | Http2SecureServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function sendImage(
  response: ServerResponse,
  number: number,
  headers: Readonly<Record<string, string | string[]>> = {},
): void {
  const body = imageBytes(number)
  const all = { 'content-type': 'image/png', 'content-length': body.length, ...headers }
  response.writeHead(200, all).end(body)
}

function sendEncoded(response: ServerResponse, encoding: string, body: Buffer): void {
  response.writeHead(200, { 'content-encoding': encoding, 'content-length': body.length })
  response.end(body)
}

function redirect(response: ServerResponse, location: string, status = 302): void {
  response.writeHead(status, { location }).end('moved')
}

function later(response: ServerResponse, ms: number, act: () => void): void {
  const timer = setTimeout(act, ms)
  response.on('close', () => clearTimeout(timer))
}

function pourForEver(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024)
  const pour = (): void => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', pour)
  pour()
}

let packed: Buffer | undefined
function bomb(): Buffer {
  packed ??= gzipSync(Buffer.alloc(64 * 1024 * 1024))
  return packed
}
