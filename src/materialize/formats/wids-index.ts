import { basename } from 'node:path'
import { VarveError } from '../../model/index.ts'
import { fileName, type Sample } from '../samples/sample.ts'
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

/** What the `wids` library reads of a name: the first field of its header, without prefix and PAX. */
const longestName = 100

/** For shards with that index: a longer name is read cut, so its sample is lost or taken for another. */
export function refuseLongNames(samples: readonly Sample[]): void {
  for (const sample of samples) {
    for (const file of sample.files) {
      const path = fileName(sample, file)
      if (Buffer.byteLength(path) > longestName) throw longName(path)
    }
  }
}

function longName(path: string): VarveError {
  return new VarveError('SAMPLE_INVALID', {
    what: `The name "${path}" is longer than the ${longestName} bytes that readers of a wids index see.`,
    next: 'Rename the file, or leave the sidecar "wids" out.',
    data: { path },
  })
}
