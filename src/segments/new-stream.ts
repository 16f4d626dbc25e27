import { createHash } from 'node:crypto'
import { VarveError, type Digest } from '../model/index.ts'
import type { NewStream, StoredItem } from './types.ts'

/** The first reading of a stream: what it will be called and how much room it takes. */
export async function measure(source: NewStream): Promise<StoredItem> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of source.open()) {
    hash.update(chunk)
    size += chunk.length
  }
  return { digest: hash.digest('hex') as Digest, size }
}

/** The second reading of a stream; throws when it is not what the first one was. */
export async function* sameBytes(
  source: NewStream,
  expected: StoredItem,
): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of source.open()) {
    hash.update(chunk)
    size += chunk.length
    if (size > expected.size) break
    yield chunk
  }
  if (size === expected.size && hash.digest('hex') === expected.digest) return
  throw new VarveError('IO_FAILED', {
    what: 'A file changed while it was being added.',
    next: 'Add it again when nothing writes to it.',
  })
}
