import { hash } from 'node:crypto'
import type { JsonObject } from '../../model/index.ts'
import type { Store } from '../../repos/index.ts'
import type { PartWriter } from '../target/part-writer.ts'
import { writeInTurn } from '../target/write-in-turn.ts'
import { Numbering } from './numbering.ts'
import { memberNames, rowSample, type RowSample } from './row-members.ts'
import { rowMeta } from './row-meta.ts'
import { RowTable } from './row-table.ts'
import { rowRecords, writeFolder, writeMediaTable, writeTar } from './shard-files.ts'
import { statsText } from './shard-stats.ts'
import type { RowsOptions, ShardRow, ShardStats } from './types.ts'

export interface ShardToWrite {
  readonly stats: ShardStats
  readonly rows: readonly ShardRow[]
  readonly out: PartWriter
}

interface NamedRow {
  readonly row: ShardRow
  readonly key: string
  readonly meta: JsonObject
}

/** Writes the files of one shard after another. */
export class ShardWriter {
  readonly #content: Store['content']
  readonly #options: RowsOptions
  readonly #numbering: Numbering
  readonly #table: RowTable

  constructor(content: Store['content'], options: RowsOptions) {
    this.#content = content
    this.#options = options
    this.#numbering = new Numbering(options.oomShardCount, options.numberSamplePerShard)
    this.#table = new RowTable(options.columns)
  }

  /** Equal when the rows and what is made of them are. */
  content(shard: number, rows: readonly ShardRow[]): string {
    const { outputFormat, encodeFormat, columns } = this.#options
    const named = this.#named(shard, rows).map(({ meta, row }) => [meta, row.media])
    return hash('sha256', JSON.stringify([1, outputFormat, encodeFormat, columns, named]), 'hex')
  }

  /** In the order they appear: the stats last, because they say that the shard is done. */
  files(shard: number): readonly string[] {
    const name = this.#numbering.shard(shard)
    const stats = `${name}_stats.json`
    switch (this.#options.outputFormat) {
      case 'webdataset':
        return [`${name}.tar`, `${name}.parquet`, stats]
      case 'tfrecord':
        return [`${name}.tfrecord`, `${name}.parquet`, stats]
      case 'files':
        return [`${name}/`, `${name}.parquet`, stats]
      case 'parquet':
        return [`${name}.parquet`, stats]
      default:
        return [stats]
    }
  }

  inFolders(shard: number, rows: readonly ShardRow[]): readonly string[] {
    if (this.#options.outputFormat !== 'files') return []
    return this.#samples(this.#named(shard, rows)).flatMap(memberNames)
  }

  async write(
    { stats, rows, out }: ShardToWrite,
    times: () => { readonly start: number; readonly end: number },
  ): Promise<void> {
    const named = this.#named(stats.shard, rows)
    const name = this.#numbering.shard(stats.shard)
    await this.#samplesOf(named, name, out)
    const { outputFormat, encodeFormat } = this.#options
    if (outputFormat === 'parquet') {
      const all = named.map(({ row, meta }) => ({ meta, size: 0, ...row.media }))
      const file = await out.open(`${name}.parquet`)
      await writeMediaTable(this.#content, file, { all, table: this.#table, media: encodeFormat })
    } else if (outputFormat !== 'dummy') {
      const metas = named.map(({ meta }) => meta)
      await this.#table.write(await out.open(`${name}.parquet`), metas)
    }
    const file = await out.open(`${name}_stats.json`)
    await file.write([Buffer.from(statsText(stats, rows, times()))])
  }

  async #samplesOf(named: readonly NamedRow[], name: string, out: PartWriter): Promise<void> {
    const content = this.#content
    switch (this.#options.outputFormat) {
      case 'webdataset':
        return writeTar(content, this.#samples(named), await out.open(`${name}.tar`))
      case 'files':
        return writeFolder(content, this.#samples(named), { folder: `${name}/`, out })
      case 'tfrecord': {
        const records = rowRecords(content, this.#samples(named), this.#options.encodeFormat)
        return writeInTurn(await out.open(`${name}.tfrecord`), records)
      }
      default:
        return undefined
    }
  }

  #named(shard: number, rows: readonly ShardRow[]): NamedRow[] {
    return rows.map((row) => {
      const key = this.#numbering.key(shard, row.index)
      return { row, key, meta: rowMeta(row, key, this.#options.columns) }
    })
  }

  #samples(named: readonly NamedRow[]): RowSample[] {
    const { columns } = this.#options
    return named
      .filter(({ row }) => row.status === 'success')
      .map(({ row, key, meta }) => rowSample(row, { key, meta, columns }))
  }
}
