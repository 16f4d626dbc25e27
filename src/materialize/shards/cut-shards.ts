import { archiveEnd, memberBytes } from '../formats/tar-header.ts'
import { fileName, type Sample } from '../samples/sample.ts'

export interface Shard {
  readonly number: number
  readonly samples: readonly Sample[]
  /** Of payload. */
  readonly bytes: number
}

export interface ShardLimits {
  readonly samples: number
  /** Of the TAR file the samples would make; a larger sample is a shard by itself. */
  readonly bytes: number
}

/** Cuts a sequence of samples into shards by what is known without reading them. */
export async function* cutShards(
  batches: AsyncIterable<readonly Sample[]>,
  limits: ShardLimits,
): AsyncGenerator<Shard> {
  let number = 0
  let samples: Sample[] = []
  let payload = 0
  let size = archiveEnd.length
  for await (const batch of batches) {
    for (const sample of batch) {
      const bytes = tarBytes(sample)
      const full = samples.length === limits.samples || size + bytes > limits.bytes
      if (full && samples.length > 0) {
        yield { number: number++, samples, bytes: payload }
        samples = []
        payload = 0
        size = archiveEnd.length
      }
      samples.push(sample)
      size += bytes
      for (const file of sample.files) payload += file.size
    }
  }
  if (samples.length > 0) yield { number, samples, bytes: payload }
}

function tarBytes(sample: Sample): number {
  let bytes = 0
  for (const file of sample.files) bytes += memberBytes(fileName(sample, file), file.size)
  return bytes
}
