/** Materializes the head of `data@master` of a store on disk: `node … <store> <target> <format>`. */
import { openOnDisk } from './materialize.fixture.ts'

const [store = '', target = '', format = 'webdataset'] = process.argv.slice(2)
const opened = await openOnDisk(store, 'read')
const report = await opened.materializer.materialize({
  commit: 'data@master',
  target,
  format: format as 'webdataset',
  shardSamples: 20,
  sidecars: format === 'webdataset' ? ['dali', 'wids', 'parquet'] : [],
  progress: ({ shards }) => process.stdout.write(`shard ${shards}\n`),
})
process.stdout.write(`done ${JSON.stringify(report)}\n`)
await opened.close()
