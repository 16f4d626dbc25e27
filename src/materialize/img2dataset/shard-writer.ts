import { hash } from 'node:crypto'
import type { JsonObject } from '../../model/index.ts'
import type { Store } from '../../repos/index.ts'
import type { PartWriter } from '../target/part-writer.ts'
import { writeInTurn } from '../target/write-in-turn.ts'
import { Numbering } from './numbering.ts'
import { memberNames, rowSample, type RowSample } from './row-members.ts'
import { rowMeta } from './row-meta.ts'
import { RowTable } from './row-table.ts'
import {
  rowRecords,
  writeFolder,
  writeMediaTable,
  writeTar,
  type RowSamples,
} from './shard-files.ts'
import { countRows, statsText } from './shard-stats.ts'
import type { RowsOptions, ShardRow, ShardRows, ShardStats } from './types.ts'

export interface ShardToWrite extends ShardRows {
  readonly out: PartWriter
}

export interface WrittenShard {
  readonly stats: ShardStats
  /** See `ShardWriter.content`. */
  readonly content: string
  /** Names of the files in its folder, if it has one. */
  readonly inFolders: readonly string[]
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

  /** Writes samples as their rows come, then the table and the stats. */
  async write(
    { shard, rows, out }: ShardToWrite,
    times: () => { readonly start: number; readonly end: number },
  ): Promise<WrittenShard> {
    const all: ShardRow[] = []
    await this.#writeSamples(
      this.#arriving({ shard, rows }, all),
      this.#numbering.shard(shard),
      out,
    )
    await this.#writeTable(shard, all, out)
    const stats = countRows(shard, all)
    const file = await out.open(`${this.#numbering.shard(shard)}_stats.json`)
    await file.write([Buffer.from(statsText(stats, all, times()))])
    return { stats, content: this.content(shard, all), inFolders: this.#inFolders(shard, all) }
  }

  /** The samples of rows on their way, which are gathered in `all`. */
  async *#arriving({ shard, rows }: ShardRows, all: ShardRow[]): RowSamples {
    for await (const batch of rows) {
      for (const row of batch) all.push(row)
      yield this.#samples(this.#named(shard, batch))
    }
  }

  async #writeSamples(samples: RowSamples, name: string, out: PartWriter): Promise<void> {
    const content = this.#content
    switch (this.#options.outputFormat) {
      case 'webdataset':
        return writeTar(content, samples, await out.open(`${name}.tar`))
      case 'files':
        return writeFolder(content, samples, { folder: `${name}/`, out })
      case 'tfrecord': {
        const { encodeFormat, columns } = this.#options
        const records = rowRecords(content, samples, { ...columns, encodeFormat })
        return writeInTurn(await out.open(`${name}.tfrecord`), records)
      }
      default:
        for await (const _ of samples);
        return undefined
    }
  }

  async #writeTable(shard: number, rows: readonly ShardRow[], out: PartWriter): Promise<void> {
    const { outputFormat, encodeFormat } = this.#options
    if (outputFormat === 'dummy') return
    const named = this.#named(shard, rows)
    const file = await out.open(`${this.#numbering.shard(shard)}.parquet`)
    if (outputFormat === 'parquet') {
      const all = named.map(({ row, meta }) => ({ meta, size: 0, ...row.media }))
      await writeMediaTable(this.#content, file, { all, table: this.#table, media: encodeFormat })
    } else {
      await this.#table.write(
        file,
        named.map(({ meta }) => meta),
      )
    }
  }

  #inFolders(shard: number, rows: readonly ShardRow[]): readonly string[] {
    if (this.#options.outputFormat !== 'files') return []
    return this.#samples(this.#named(shard, rows)).flatMap(memberNames)
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
