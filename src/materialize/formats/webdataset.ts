import type { Store } from '../../repos/index.ts'
import type { Shard } from '../shards/cut-shards.ts'
import type { ShardFormat } from '../shards/shard-format.ts'
import { besideShard } from '../shards/shard-name.ts'
import type { PartWriter } from '../target/part-writer.ts'
import { writeInTurn } from '../target/write-in-turn.ts'
import type { Sidecar } from '../types.ts'
import { daliIndex } from './dali-index.ts'
import type { SampleTable } from './sample-table.ts'
import { archiveEnd } from './tar-header.ts'
import { tarStream } from './tar-stream.ts'
import { refuseLongNames } from './wids-index.ts'

/** TAR shards as WebDataset readers take them, and the indexes asked for beside each. */
export class WebDataset implements ShardFormat {
  readonly shardName = '%06d.tar'
  readonly shardSamples = 10_000
  readonly identity: string
  readonly #content: Store['content']
  readonly #sidecars: ReadonlySet<Sidecar>
  readonly #table: SampleTable | undefined

  constructor(content: Store['content'], sidecars: readonly Sidecar[], table?: SampleTable) {
    this.#content = content
    this.#sidecars = new Set(sidecars)
    this.#table = table
    this.identity = JSON.stringify(['webdataset 1', [...this.#sidecars].sort(), table?.columns])
  }

  files(name: string): readonly string[] {
    const dali = this.#sidecars.has('dali') ? [besideShard(name, 'idx')] : []
    const table = this.#table === undefined ? [] : [besideShard(name, 'parquet')]
    return [name, ...dali, ...table]
  }

  async write({ samples }: Shard, name: string, out: PartWriter): Promise<void> {
    if (this.#sidecars.has('wids')) refuseLongNames(samples)
    const tar = await out.open(name, this.#sidecars.has('wids'))
    await writeInTurn(tar, tarStream(this.#content, samples))
    await tar.write([archiveEnd])
    if (this.#sidecars.has('dali')) {
      const index = await out.open(besideShard(name, 'idx'))
      await index.write([Buffer.from(daliIndex(samples))])
    }
    if (this.#table !== undefined) {
      await this.#table.write(samples, await out.open(besideShard(name, 'parquet')))
    }
  }
}
