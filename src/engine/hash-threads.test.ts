import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bodyHash } from '../ingest/body-hash.ts'
import { HashThreads } from './hash-threads.ts'

let threads: HashThreads
beforeEach(() => {
  threads = new HashThreads(8)
})
afterEach(() => threads.close())

/** A view of shared memory that begins somewhere in it. */
function shared(size: number): Buffer {
  const view = Buffer.from(new SharedArrayBuffer(size + 7), 7)
  return randomBytes(size).copy(view) === size ? view : Buffer.alloc(0)
}

const expected = (name: string, bytes: Uint8Array): string =>
  createHash(name).update(bytes).digest('hex')

test('bodies are hashed right before threads have started, while they do, and after', async () => {
  const bodies = Array.from({ length: 60 }, (_, at) => shared(1_000_000 + at))
  for (const name of ['sha256', 'md5', 'sha512'] as const) {
    const found = await Promise.all(bodies.map(async (bytes) => threads.hash(name, bytes)))
    expect(found).toEqual(bodies.map((bytes) => expected(name, bytes)))
  }
})

test('bodies on their way when the threads are closed are hashed all the same', async () => {
  const bodies = Array.from({ length: 60 }, () => shared(1_000_000))
  const hashing = Promise.all(bodies.map(async (bytes) => threads.hash('sha256', bytes)))
  await threads.close()
  expect(await hashing).toEqual(bodies.map((bytes) => expected('sha256', bytes)))
})

test.each(['sha256', 'md5', 'sha512'] as const)(
  'whatever memory bytes are in, with threads and without, their %s is the same',
  async (name) => {
    const all = [10, 40_000].flatMap((size) => [shared(size), randomBytes(size)])
    for (const bytes of all) {
      expect(await bodyHash(name, bytes, threads)).toBe(expected(name, bytes))
      expect(await bodyHash(name, bytes)).toBe(expected(name, bytes))
    }
  },
)
