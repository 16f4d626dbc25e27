import { hash } from 'node:crypto'
import type { Sample } from '../samples/sample.ts'
import type { PartWriter } from '../target/part-writer.ts'
import type { Shard } from './cut-shards.ts'

/** One way to write shards. */
export interface ShardFormat {
  /** Names shards when the caller does not. */
  readonly shardName: string
  /** Most samples of a shard when the caller does not say. */
  readonly shardSamples: number
  /** Everything besides its samples that determines a shard's bytes, the writer's version included;
   * undefined when something else does, so that shards are always written anew. */
  readonly identity: string | undefined
  /** Files of a shard in the order they are to appear; a folder ends with a slash. */
  files(name: string): readonly string[]
  /** Names of the files in a shard's folder. */
  inFolders?(shard: Shard): readonly string[]
  write(shard: Shard, name: string, out: PartWriter): Promise<void>
}

/** Equal for shards with equal bytes; known without reading a payload. */
export function shardContent({ identity }: ShardFormat, samples: readonly Sample[]): string {
  const lines = samples.map(({ key, files }) =>
    JSON.stringify([key, ...files.map(({ extension, digest }) => [extension, digest])]),
  )
  return hash('sha256', `${identity}\n${lines.join('\n')}`, 'hex')
}
