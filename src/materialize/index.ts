/** Room `materialize`: commits as shards, manifests, tables and streams for those who train. */
export { finishedShards, nextShard } from './img2dataset/finished-shards.ts'
export { checkShardCounts } from './img2dataset/numbering.ts'
export type {
  RowColumns,
  RowsOptions,
  RowsReport,
  ShardRow,
  ShardRows,
  ShardStats,
} from './img2dataset/types.ts'
export { openMaterializer } from './materializer.ts'
export { lockTarget, notesFolder } from './target/target-lock.ts'
export type {
  ColumnsOf,
  MaterializeFormat,
  MaterializeOptions,
  MaterializeProgress,
  Materializer,
  MaterializeReport,
  MaterializerParts,
  Selection,
  Sidecar,
  StreamedSample,
  StreamSamplesOptions,
  StreamTarOptions,
} from './types.ts'
