import type { Store } from '../../repos/index.ts'
import { readPayloads } from '../samples/payloads.ts'
import { fileName } from '../samples/sample.ts'
import type { Shard } from '../shards/cut-shards.ts'
import type { ShardFormat } from '../shards/shard-format.ts'
import type { PartWriter } from '../target/part-writer.ts'

/** Folders of plain files, each file under its path in the commit. */
export class FileShards implements ShardFormat {
  readonly shardName = '%06d'
  readonly shardSamples = 10_000
  readonly identity = 'files 1'
  readonly #content: Store['content']

  constructor(content: Store['content']) {
    this.#content = content
  }

  files(name: string): readonly string[] {
    return [`${name}/`]
  }

  inFolders({ samples }: Shard): readonly string[] {
    return samples.flatMap((sample) => sample.files.map((file) => fileName(sample, file)))
  }

  async write({ samples }: Shard, name: string, out: PartWriter): Promise<void> {
    const wanted = samples.flatMap((sample) =>
      sample.files.map((file) => ({ ...file, path: `${name}/${fileName(sample, file)}` })),
    )
    for await (const batch of readPayloads(this.#content, wanted)) {
      if (batch.kind === 'whole') {
        batch.files.forEach(({ path }, at) => out.put(path, batch.bytes[at] ?? new Uint8Array()))
      } else {
        await out.stream(batch.file.path, batch.chunks)
      }
    }
  }
}
