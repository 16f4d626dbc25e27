import { VarveError } from '../../model/index.ts'
import type { ItemLocation } from '../../segments/index.ts'
import { inBatches } from '../../util/index.ts'
import type { Sample, SampleFile } from '../samples/sample.ts'
import type { Shard } from '../shards/cut-shards.ts'
import type { ShardFormat } from '../shards/shard-format.ts'
import type { PartWriter } from '../target/part-writer.ts'
import { writeInTurn } from '../target/write-in-turn.ts'
import type { MaterializerParts } from '../types.ts'

const locatedAtOnce = 1000

/** Lines that say where in the segments each file of each sample lies. See docs/format/manifest.md. */
export class Manifest implements ShardFormat {
  readonly shardName = 'manifest-%06d.jsonl'
  readonly shardSamples = 100_000
  readonly #segments: MaterializerParts['segments']

  constructor(segments: MaterializerParts['segments']) {
    this.#segments = segments
  }

  /** Undefined: places change when segments are compacted, so an old manifest is never kept. */
  get identity(): undefined {
    return undefined
  }

  files(name: string): readonly string[] {
    return [name]
  }

  async write({ samples }: Shard, name: string, out: PartWriter): Promise<void> {
    await writeInTurn(await out.open(name), this.#lines(samples))
  }

  async *#lines(samples: readonly Sample[]): AsyncGenerator<readonly Uint8Array[]> {
    for (const some of inBatches(samples, locatedAtOnce)) {
      const digests = some.flatMap(({ files }) => files.map(({ digest }) => digest))
      const places = await this.#segments.locate(digests)
      let at = 0
      const lines = some.map(({ key, files }) => {
        const fields = files.map((file) => [file.extension, placed(file, places[at++])])
        return `${JSON.stringify({ key, fields: Object.fromEntries(fields) })}\n`
      })
      yield [Buffer.from(lines.join(''))]
    }
  }
}

function placed({ digest, size }: SampleFile, place: ItemLocation | undefined): object {
  if (place !== undefined) return { digest, size, ...place }
  throw new VarveError('ITEM_MISSING', {
    what: `The item ${digest} is not in the store.`,
    data: { digest },
  })
}
