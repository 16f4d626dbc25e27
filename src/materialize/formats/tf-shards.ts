import type { Store } from '../../repos/index.ts'
import { readSamples, sampleGroups } from '../samples/read-samples.ts'
import type { Sample } from '../samples/sample.ts'
import type { Shard } from '../shards/cut-shards.ts'
import type { ShardFormat } from '../shards/shard-format.ts'
import type { PartWriter } from '../target/part-writer.ts'
import { writeInTurn } from '../target/write-in-turn.ts'
import { encodeExample, type Feature } from './tf-example.ts'
import { tfRecordPieces } from './tf-record.ts'

const group = { samples: 1000, bytes: 4 << 20 }

/** One `tf.train.Example` for each sample: `key`, and the bytes of each file by its extension. */
export class TfShards implements ShardFormat {
  readonly shardName = '%06d.tfrecord'
  readonly shardSamples = 10_000
  readonly identity = 'tfrecord 1'
  readonly #content: Store['content']

  constructor(content: Store['content']) {
    this.#content = content
  }

  files(name: string): readonly string[] {
    return [name]
  }

  async write({ samples }: Shard, name: string, out: PartWriter): Promise<void> {
    await writeInTurn(await out.open(name), this.#records(samples))
  }

  async *#records(samples: readonly Sample[]): AsyncGenerator<readonly Uint8Array[]> {
    for (const some of sampleGroups(samples, group)) {
      const bytes = await readSamples(this.#content, some)
      yield some.flatMap((sample, at) => tfRecordPieces(exampleOf(sample, bytes[at] ?? [])))
    }
  }
}

function exampleOf({ key, files }: Sample, bytes: readonly Uint8Array[]): Uint8Array {
  const features = new Map<string, Feature>([['key', { kind: 'bytes', value: key }]])
  files.forEach(({ extension }, at) => {
    features.set(extension, { kind: 'bytes', value: bytes[at] ?? '' })
  })
  return encodeExample(features)
}
