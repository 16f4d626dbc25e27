import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { SharedReadSocket } from './shared-read-socket.ts'

let server: Server
let far: Socket
let near: SharedReadSocket

beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  ;[near, far] = await connected()
})

afterEach(() => {
  near.destroy()
  server.close()
})

async function connected(): Promise<[SharedReadSocket, Socket]> {
  const accepted = once(server, 'connection')
  const socket = new SharedReadSocket()
  socket.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  const [other] = (await accepted) as [Socket]
  return [socket, other]
}

/** Reads as the HTTP client does: all there is whenever told so, copying what must stay. */
function readAll(socket: SharedReadSocket, chunks: Buffer[]): void {
  for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
    chunks.push(Buffer.from(chunk))
  }
}

const numbered = (size: number, first = 0): Buffer =>
  Buffer.from(Uint32Array.from({ length: size / 4 }, (_, at) => first + at).buffer)

test('all that was sent is read, in order, to the end', async () => {
  const sent = numbered(3_000_000)
  const chunks: Buffer[] = []
  near.on('readable', () => readAll(near, chunks))
  const end = once(near, 'end')
  far.end(sent)
  await end
  expect(Buffer.concat(chunks).equals(sent)).toBe(true)
})

test('a reader that looks away loses nothing, and the sender has to wait', async () => {
  const sent = numbered(20_000_000)
  const chunks: Buffer[] = []
  let looks = false
  near.on('readable', () => {
    if (looks) readAll(near, chunks)
  })
  const end = once(near, 'end')
  far.end(sent)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(near.readableLength).toBeLessThan(200_000)
  looks = true
  readAll(near, chunks)
  await end
  expect(Buffer.concat(chunks).equals(sent)).toBe(true)
})

test('what is given back comes first again, whatever other sockets read meanwhile', async () => {
  const [other, otherFar] = await connected()
  const told = once(near, 'readable')
  let given = 0
  near.once('readable', () => {
    const chunk = near.read()
    given = chunk?.length ?? 0
    near.unshift(chunk?.subarray(4) ?? Buffer.alloc(0))
  })
  far.write(numbered(400))
  await told
  const otherTold = once(other, 'readable')
  otherFar.write(Buffer.alloc(400, 255))
  await otherTold
  expect(near.read()).toEqual(numbered(given - 4, 1))
  other.destroy()
})
