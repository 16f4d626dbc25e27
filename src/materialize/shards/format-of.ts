import { VarveError } from '../../model/index.ts'
import { FileShards } from '../formats/file-shards.ts'
import { Manifest } from '../formats/manifest.ts'
import { ParquetShards } from '../formats/parquet-shards.ts'
import { SampleTable } from '../formats/sample-table.ts'
import { TfShards } from '../formats/tf-shards.ts'
import { WebDataset } from '../formats/webdataset.ts'
import type { SelectedSamples } from '../samples/selected-samples.ts'
import { unreachable } from '../../util/index.ts'
import type { MaterializeOptions, MaterializerParts } from '../types.ts'
import type { ShardFormat } from './shard-format.ts'

/** Shards that are counted and not written. */
const dummy: ShardFormat = {
  shardName: '%06d',
  shardSamples: 10_000,
  identity: 'dummy 1',
  files: () => [],
  write: async () => undefined,
}

/** The format asked for. A table's columns are found here, by reading the `.json` of every sample. */
export async function formatOf(
  { store: { content }, segments }: MaterializerParts,
  { format, sidecars = [] }: Pick<MaterializeOptions, 'format' | 'sidecars'>,
  selected: SelectedSamples,
): Promise<ShardFormat> {
  if (sidecars.length > 0 && format !== 'webdataset') {
    throw new VarveError('USAGE', {
      what: `Sidecars (${sidecars.join(', ')}) belong to format webdataset, not ${format}.`,
      data: { format, sidecars },
    })
  }
  const table = (payloads: boolean) => SampleTable.survey(content, selected.batches(), { payloads })
  switch (format) {
    case 'manifest':
      return new Manifest(segments)
    case 'webdataset':
      return new WebDataset(
        content,
        sidecars,
        sidecars.includes('parquet') ? await table(false) : undefined,
      )
    case 'parquet':
      return new ParquetShards(await table(true))
    case 'files':
      return new FileShards(content)
    case 'tfrecord':
      return new TfShards(content)
    case 'dummy':
      return dummy
    default:
      return unreachable(format)
  }
}
