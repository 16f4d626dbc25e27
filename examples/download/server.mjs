/**
 * A small web server with the habits of a large web: photographs, pages that are gone, a site that is
 * busy, one that does not want its pictures in datasets, and a page of HTML under the name of a picture.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../image-quality/images')

/** Names of the photographs it serves. */
export const photographs = readdirSync(folder).toSorted()

/**
 * Listens on a free port of 127.0.0.1.
 *
 * - `/photos/NAME`: a photograph
 * - `/gone/…`: 404
 * - `/busy/TOKEN/NAME`: 503 the first time each URL is asked for, then the photograph
 * - `/art/NAME`: a photograph that says `X-Robots-Tag: noai`
 * - `/private/NAME`: a photograph that robots.txt keeps robots away from
 * - `/page.jpg`: HTML
 */
export async function startServer() {
  const asked = new Map()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1')
    asked.set(pathname, (asked.get(pathname) ?? 0) + 1)
    const [status, headers, body] = answer(pathname, asked.get(pathname))
    response.writeHead(status, { 'content-length': body.length, ...headers })
    response.end(body)
  })
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

function answer(path, times) {
  const [, place] = path.split('/')
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (path === '/robots.txt') return text(200, 'User-agent: *\nDisallow: /private/\n')
  if (path === '/page.jpg') return [200, { 'content-type': 'text/html' }, Buffer.from(page)]
  if (place === 'busy' && times === 1) return text(503, 'Come back later.\n')
  if (place === 'gone' || !photographs.includes(name)) return text(404, 'Nothing here.\n')
  const bytes = readFileSync(join(folder, name))
  const optOut = place === 'art' ? { 'x-robots-tag': 'noai' } : {}
  return [200, { 'content-type': 'image/jpeg', ...optOut }, bytes]
}

function text(status, words) {
  return [status, { 'content-type': 'text/plain' }, Buffer.from(words)]
}

const page = '<!doctype html>\n<title>Welcome</title>\n<p>This is no picture.\n'
