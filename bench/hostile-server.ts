/**
 * A server of one folder with hosts as they are found out there, in a process of its own:
 * `hostile-server.ts <folder> <port> <hosts>` listens on 127.0.0.1, 127.0.0.2, .... What becomes of a
 * request is said by the first part of its path; the last part is the file.
 *
 *   /good/…     the file
 *   /slow/…     the file, after longer than anyone waits
 *   /drip/…     the file in 20 pieces, one each second: it ends, and is whole
 *   /missing/…  404
 *   /busy/…     429 with Retry-After the first time a URL is asked for, the file from then on
 *   /forget     nothing was ever asked for
 */
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { basename, join } from 'node:path'

const slowMs = 60_000
const drips = 20
const dripMs = 1000

const [folder = '.', port = '0', hosts = '1'] = process.argv.slice(2)
const files = new Map<string, Buffer>()
const asked = new Set<string>()

function fileOf(path: string): Buffer {
  const name = basename(path)
  const bytes = files.get(name) ?? readFileSync(join(folder, name))
  files.set(name, bytes)
  return bytes
}

const head = (bytes: Buffer) => ({ 'content-type': 'image/jpeg', 'content-length': bytes.length })

function send(response: ServerResponse, path: string): void {
  const bytes = fileOf(path)
  response.writeHead(200, head(bytes)).end(bytes)
}

function drip(response: ServerResponse, path: string): void {
  const bytes = fileOf(path)
  const piece = Math.ceil(bytes.length / drips)
  response.writeHead(200, head(bytes))
  const next = (at: number): void => {
    if (response.destroyed) return
    response.write(bytes.subarray(at, at + piece))
    if (at + piece < bytes.length) setTimeout(next, dripMs, at + piece)
    else response.end()
  }
  next(0)
}

function firstTime(url: string): boolean {
  if (asked.has(url)) return false
  asked.add(url)
  return true
}

function answer(response: ServerResponse, host: string, url: string): void {
  const path = new URL(url, 'http://host').pathname
  switch (path.split('/')[1]) {
    case 'good':
      return send(response, path)
    case 'slow':
      return void setTimeout(() => response.destroyed || send(response, path), slowMs)
    case 'drip':
      return drip(response, path)
    case 'busy':
      if (!firstTime(host + url)) return send(response, path)
      return void response.writeHead(429, { 'retry-after': '1' }).end()
    case 'forget':
      asked.clear()
      return void response.writeHead(204).end()
    default:
      return void response.writeHead(404).end()
  }
}

for (let host = 1; host <= Number(hosts); host += 1) {
  const server = createServer((request, response) =>
    answer(response, request.headers.host ?? '', request.url ?? '/'),
  )
  server.listen({ port: Number(port), host: `127.0.0.${host}`, backlog: 4096 })
}
