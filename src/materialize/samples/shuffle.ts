import { hash } from 'node:crypto'
import { inBatches } from '../../util/index.ts'
import { OrderSpill } from './order-spill.ts'
import type { Sample, SampleFile } from './sample.ts'

/** Samples sorted in memory at a time, about 300 bytes each. */
const bucketSamples = 100_000
const rankDigits = 16
const batchSamples = 1000

export interface ShuffleOptions {
  readonly seed: string
  /** At least as many as there are samples; only memory depends on it, never the order. */
  readonly samples: number
  /** Scratch files go below it, when samples are many. */
  readonly directory: string
}

/**
 * Samples in the order of SHA-256(seed NUL key): the same order on any machine, from any store, and
 * a new sample moves no others past each other. Memory does not grow with the number of samples:
 * they are spread over scratch files by the first digits of the hash, and sorted file by file.
 */
export async function* shuffled(
  samples: AsyncIterable<readonly Sample[]>,
  { seed, samples: count, directory }: ShuffleOptions,
): AsyncGenerator<readonly Sample[]> {
  const buckets = Math.max(1, Math.ceil(count / bucketSamples))
  const spill = new OrderSpill(directory, buckets)
  try {
    for await (const batch of samples) {
      for (const sample of batch) {
        const rank = hash('sha256', `${seed}\0${sample.key}`, 'hex').slice(0, rankDigits)
        spill.add(bucketOf(rank, buckets), rank + encode(sample))
      }
    }
    for (let bucket = 0; bucket < buckets; bucket++) {
      const lines = spill.take(bucket).sort()
      for (const batch of inBatches(lines, batchSamples)) {
        yield batch.map((line) => decode(line.slice(rankDigits)))
      }
    }
  } finally {
    spill.close()
  }
}

/** Grows with the rank, so that sorted buckets one after another are sorted as a whole. */
function bucketOf(rank: string, buckets: number): number {
  return Math.floor((Number.parseInt(rank.slice(0, 8), 16) / 2 ** 32) * buckets)
}

type Line = [key: string, ...files: (string | number)[]]

function encode({ key, files }: Sample): string {
  const line: Line = [key]
  for (const { extension, digest, size } of files) line.push(extension, digest, size)
  return JSON.stringify(line)
}

function decode(text: string): Sample {
  const [key, ...flat] = JSON.parse(text) as Line
  const files: SampleFile[] = []
  for (let at = 0; at < flat.length; at += 3) {
    const [extension, digest, size] = flat.slice(at) as [string, SampleFile['digest'], number]
    files.push({ extension, digest, size })
  }
  return { key, files }
}
