/**
 * A server of 200 bytes for any URL, in a process of its own: `small-server.ts <port>`. Each path
 * below /own/ has bytes of its own, all others have the same.
 */
import { hash } from 'node:crypto'
import { createServer } from 'node:http'

const length = 200

const server = createServer((request, response) => {
  const url = request.url ?? '/'
  const seed = hash('sha512', url.startsWith('/own/') ? url : 'any')
  const body = seed.repeat(2).slice(0, length)
  const headers = { 'content-type': 'application/octet-stream', 'content-length': length }
  response.writeHead(200, headers).end(body)
})
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 })
