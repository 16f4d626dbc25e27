import type { Digest } from '../../model/index.ts'
import type { Store } from '../../repos/index.ts'
import { inSizedBatches } from '../../util/index.ts'

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

/** A run of files worth one read; a file to be streamed is larger, and a batch by itself. */
const batchLimits = { length: 1024, size: 4 << 20 }
/** Larger files never lie in memory whole. */
const streamedBytes = 32 << 20

/** Reads files batch by batch, each item checked against its digest. `ITEM_MISSING`, `STORE_DAMAGED`. */
export async function* readPayloads<File extends Stored>(
  content: Pick<Store['content'], 'read' | 'stream'>,
  files: Iterable<File>,
): AsyncGenerator<Payloads<File>> {
  for (const batch of inSizedBatches(files, batchLimits)) {
    const [first] = batch
    if (first !== undefined && first.size > streamedBytes) {
      yield { kind: 'stream', file: first, chunks: content.stream(first.digest) }
    } else {
      const bytes = await content.read(batch.map(({ digest }) => digest))
      yield { kind: 'whole', files: batch, bytes }
    }
  }
}
