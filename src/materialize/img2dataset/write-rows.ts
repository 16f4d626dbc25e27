import { VarveError } from '../../model/index.ts'
import { stopIfAsked } from '../stop-if-asked.ts'
import { TargetFolder } from '../target/target-folder.ts'
import type { MaterializerParts } from '../types.ts'
import { finishedShards, view } from './finished-shards.ts'
import { checkShardCounts } from './numbering.ts'
import { ShardWriter } from './shard-writer.ts'
import { countRows } from './shard-stats.ts'
import type { RowsOptions, RowsReport, ShardRow, ShardStats } from './types.ts'

/** See `Materializer.materializeRows`. */
export async function writeRows(
  parts: MaterializerParts,
  options: RowsOptions,
): Promise<RowsReport> {
  checkShardCounts(options)
  const { target, signal } = options
  const overwrite = options.incrementalMode === 'overwrite'
  const folder = await TargetFolder.open({ folder: target, view, overwrite, signal })
  try {
    const present = overwrite ? new Set<number>() : await finishedShards(target)
    const run = new RowsRun({ parts, options, folder, present })
    return await run.run()
  } finally {
    await folder.close()
  }
}

interface RunParts {
  readonly parts: MaterializerParts
  readonly options: RowsOptions
  readonly folder: TargetFolder
  /** Done before this run began. */
  readonly present: ReadonlySet<number>
}

class RowsRun {
  readonly #parts: RunParts
  readonly #writer: ShardWriter
  readonly #names = new Set<string>()
  #report: RowsReport

  constructor(parts: RunParts) {
    this.#parts = parts
    this.#writer = new ShardWriter(parts.parts.store.content, parts.options)
    const nothing = { count: 0, successes: 0, failedToDownload: 0, failedToResize: 0 }
    this.#report = { shards: 0, kept: 0, ...nothing }
  }

  async run(): Promise<RowsReport> {
    const { options, folder } = this.#parts
    for await (const { shard, rows } of byShard(options.rows)) {
      stopIfAsked(options.signal)
      await this.#shard(shard, rows)
    }
    if (options.incrementalMode === 'overwrite') await folder.keepOnly(this.#names)
    return this.#report
  }

  async #shard(shard: number, rows: readonly ShardRow[]): Promise<void> {
    const { options, folder, present, parts } = this.#parts
    const name = String(shard)
    this.#names.add(name)
    const stats = countRows(shard, rows)
    if (present.has(shard) && this.#stays(shard, rows)) {
      this.#count(stats, 1)
      return
    }
    const content = this.#writer.content(shard, rows)
    const start = parts.clock.now()
    const part = { name, content, samples: stats.successes, files: this.#writer.files(shard) }
    const inFolders = this.#writer.inFolders(shard, rows)
    await folder.write({ ...part, inFolders }, async (out) => {
      const times = options.times?.(shard)
      await this.#writer.write(
        { stats, rows, out },
        () => times ?? { start, end: parts.clock.now() },
      )
    })
    this.#count(stats, 0)
  }

  /** A finished shard is left alone, unless its rows may have changed since and did. */
  #stays(shard: number, rows: readonly ShardRow[]): boolean {
    const { options, folder } = this.#parts
    const name = String(shard)
    if (options.rewriteChanged !== true || !folder.wrote(name)) return true
    return folder.whole(name, this.#writer.content(shard, rows)) !== undefined
  }

  #count(stats: ShardStats, kept: number): void {
    const sum = this.#report
    this.#report = {
      shards: sum.shards + 1,
      kept: sum.kept + kept,
      count: sum.count + stats.count,
      successes: sum.successes + stats.successes,
      failedToDownload: sum.failedToDownload + stats.failedToDownload,
      failedToResize: sum.failedToResize + stats.failedToResize,
    }
    if (kept === 0) this.#parts.options.progress?.(stats)
  }
}

/** Gathers the rows of each shard, which must come together. */
async function* byShard(
  batches: AsyncIterable<readonly ShardRow[]>,
): AsyncGenerator<{ shard: number; rows: readonly ShardRow[] }> {
  let rows: ShardRow[] = []
  let last: ShardRow | undefined
  for await (const batch of batches) {
    for (const row of batch) {
      if (last !== undefined && isBefore(row, last)) throw outOfOrder(last, row)
      if (last !== undefined && row.shard !== last.shard) {
        yield { shard: last.shard, rows }
        rows = []
      }
      rows.push(row)
      last = row
    }
  }
  if (last !== undefined) yield { shard: last.shard, rows }
}

function isBefore(row: ShardRow, last: ShardRow): boolean {
  return row.shard < last.shard || (row.shard === last.shard && row.index <= last.index)
}

function outOfOrder(last: ShardRow, row: ShardRow): VarveError {
  return new VarveError('USAGE', {
    what: `Row ${row.index} of shard ${row.shard} comes after row ${last.index} of shard ${last.shard}.`,
    next: 'Give rows in the order of their list.',
    data: { shard: row.shard, index: row.index },
  })
}
