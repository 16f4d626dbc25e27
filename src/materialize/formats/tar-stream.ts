import { VarveError, type Digest } from '../../model/index.ts'
import type { Store } from '../../repos/index.ts'
import { readPayloads } from '../samples/payloads.ts'
import { fileName, type Sample } from '../samples/sample.ts'
import { memberLayout, writeTarHeader } from './tar-header.ts'
import { tarPieces } from './tar-pieces.ts'

interface StoredMember {
  readonly name: string
  readonly digest: Digest
  readonly size: number
}

/** The members of samples in order as pieces of a TAR file, some megabytes at a time, without its end. */
export async function* tarStream(
  content: Pick<Store['content'], 'read' | 'stream'>,
  samples: readonly Sample[],
): AsyncGenerator<readonly Uint8Array[]> {
  for await (const batch of readPayloads(content, membersOf(samples))) {
    if (batch.kind === 'stream') {
      yield* largeMember(batch.file, batch.chunks)
    } else {
      const { files, bytes } = batch
      yield tarPieces(files.map(({ name }, at) => ({ name, bytes: bytes[at] ?? new Uint8Array() })))
    }
  }
}

/** A member too large for memory. */
export async function* largeMember(
  { name, size }: { readonly name: string; readonly size: number },
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly Uint8Array[]> {
  const { header, padding } = memberLayout(name, size)
  const head = Buffer.alloc(header)
  writeTarHeader(head, 0, { name, size })
  yield [head]
  for await (const chunk of chunks) yield [chunk]
  if (padding > 0) yield [Buffer.alloc(padding)]
}

function* membersOf(samples: readonly Sample[]): Generator<StoredMember> {
  for (const sample of samples) {
    refuseEqualFields(sample)
    for (const file of sample.files) yield { ...file, name: fileName(sample, file) }
  }
}

/** Readers lower the case of fields and give up on a sample that has one twice. */
function refuseEqualFields({ key, files }: Sample): void {
  const seen = new Map<string, string>()
  for (const { extension } of files) {
    const lower = extension.toLowerCase()
    const other = seen.get(lower)
    seen.set(lower, extension)
    if (other === undefined) continue
    throw new VarveError('SAMPLE_INVALID', {
      what: `"${key}.${other}" and "${key}.${extension}" are one field for WebDataset readers.`,
      data: { path: `${key}.${extension}` },
    })
  }
}
