import type { Digest } from '../../model/index.ts'
import type { Store } from '../../repos/index.ts'

interface Stored {
  readonly digest: Digest
  readonly size: number
}

/** Files in the order asked, some at a time with their bytes; a large one by itself, in chunks. */
export type Payloads<File> =
  | {
      readonly kind: 'whole'
      readonly files: readonly File[]
      readonly bytes: readonly Uint8Array[]
    }
  | { readonly kind: 'stream'; readonly file: File; readonly chunks: AsyncIterable<Uint8Array> }

const batchBytes = 4 << 20
const batchFiles = 1024
/** Larger files never lie in memory whole. */
const streamedBytes = 32 << 20

/** Reads files batch by batch, each item checked against its digest. `ITEM_MISSING`, `STORE_DAMAGED`. */
export async function* readPayloads<File extends Stored>(
  content: Pick<Store['content'], 'read' | 'stream'>,
  files: Iterable<File>,
): AsyncGenerator<Payloads<File>> {
  for (const batch of batches(files)) {
    const [first] = batch
    if (first !== undefined && first.size > streamedBytes) {
      yield { kind: 'stream', file: first, chunks: content.stream(first.digest) }
    } else {
      const bytes = await content.read(batch.map(({ digest }) => digest))
      yield { kind: 'whole', files: batch, bytes }
    }
  }
}

/** Runs worth one read; a file to be streamed is a batch by itself. */
function* batches<File extends Stored>(files: Iterable<File>): Generator<readonly File[]> {
  let batch: File[] = []
  let held = 0
  for (const file of files) {
    const full = held + file.size > batchBytes || batch.length === batchFiles
    if (full && batch.length > 0) {
      yield batch
      batch = []
      held = 0
    }
    batch.push(file)
    held += file.size
  }
  if (batch.length > 0) yield batch
}
