/**
 * A server of one folder that answers after a pause, in a process of its own: `image-server.ts
 * <folder> <port> <pause in ms>`. A query is ignored, as a static server does.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'

const [folder = '.', port = '0', pause = '0'] = process.argv.slice(2)
const files = new Map<string, Buffer>()

const server = createServer((request, response) => {
  const name = basename(new URL(request.url ?? '/', 'http://host').pathname)
  const answer = (): void => {
    try {
      const bytes = files.get(name) ?? readFileSync(join(folder, name))
      files.set(name, bytes)
      const headers = { 'content-type': 'image/jpeg', 'content-length': bytes.length }
      response.writeHead(200, headers).end(bytes)
    } catch {
      response.writeHead(404).end()
    }
  }
  if (pause === '0') answer()
  else setTimeout(answer, Number(pause))
})
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 })
