import { basename } from 'node:path'
import type { PartRecord } from '../target/journal.ts'

/** The shard index of the `wids` library: shards by name, with their number of samples. */
export function widsIndex(name: string, parts: readonly PartRecord[]): string {
  const shardlist = parts.map((part) => ({
    url: basename(part.name),
    nsamples: part.samples,
    md5sum: part.md5 ?? '',
    filesize: part.files.find((file) => basename(file.name) === basename(part.name))?.size ?? 0,
  }))
  const index = { __kind__: 'wids-shard-index-v1', wids_version: 1, name, shardlist }
  return `${JSON.stringify(index, null, 2)}\n`
}
