import type { Shard } from '../shards/cut-shards.ts'
import type { ShardFormat } from '../shards/shard-format.ts'
import type { PartWriter } from '../target/part-writer.ts'
import type { SampleTable } from './sample-table.ts'

/** Samples as rows of Parquet files, payloads in binary columns. */
export class ParquetShards implements ShardFormat {
  readonly shardName = '%06d.parquet'
  readonly shardSamples = 10_000
  readonly identity: string
  readonly #table: SampleTable

  constructor(table: SampleTable) {
    this.#table = table
    this.identity = JSON.stringify(['parquet 1', table.columns])
  }

  files(name: string): readonly string[] {
    return [name]
  }

  async write({ samples }: Shard, name: string, out: PartWriter): Promise<void> {
    await this.#table.write(samples, await out.open(name))
  }
}
