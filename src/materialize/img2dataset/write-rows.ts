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
    let last = -1
    for await (const { shard, rows } of options.shards) {
      stopIfAsked(options.signal)
      if (shard <= last) throw shardsOutOfOrder(last, shard)
      last = shard
      await this.#shard(shard, inOrder(shard, rows))
    }
    if (options.incrementalMode === 'overwrite') await folder.keepOnly(this.#names)
    return this.#report
  }

  async #shard(shard: number, batches: AsyncGenerator<readonly ShardRow[]>): Promise<void> {
    if (!this.#parts.present.has(shard)) return this.#write(shard, batches)
    const rows: ShardRow[] = []
    for await (const batch of batches) rows.push(...batch)
    if (rows.length === 0) return undefined
    if (!this.#stays(shard, rows)) return this.#write(shard, atOnce(rows))
    this.#names.add(String(shard))
    return this.#count(countRows(shard, rows), 1)
  }

  async #write(shard: number, batches: AsyncGenerator<readonly ShardRow[]>): Promise<void> {
    const { options, folder, parts } = this.#parts
    const first = await batches.next()
    if (first.done === true) return
    const name = String(shard)
    this.#names.add(name)
    const start = parts.clock.now()
    let stats: ShardStats | undefined
    await folder.write({ name, files: this.#writer.files(shard) }, async (out) => {
      const rows = beginningWith(first.value, batches)
      const times = options.times?.(shard)
      const written = await this.#writer.write(
        { shard, rows, out },
        () => times ?? { start, end: parts.clock.now() },
      )
      ;({ stats } = written)
      return { ...written, samples: written.stats.successes }
    })
    if (stats !== undefined) this.#count(stats, 0)
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

/** Batches that have rows, each row after the one before. */
async function* inOrder(
  shard: number,
  batches: AsyncIterable<readonly ShardRow[]>,
): AsyncGenerator<readonly ShardRow[]> {
  let last = -1
  for await (const rows of batches) {
    for (const { index } of rows) {
      if (index <= last) throw rowsOutOfOrder(shard, { last, index })
      last = index
    }
    if (rows.length > 0) yield rows
  }
}

async function* beginningWith<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first
  yield* rest
}

async function* atOnce<T>(value: T): AsyncGenerator<T> {
  yield value
}

function shardsOutOfOrder(last: number, shard: number): VarveError {
  return new VarveError('USAGE', {
    what: `Shard ${shard} comes after shard ${last}.`,
    next: 'Give shards by number.',
    data: { shard },
  })
}

function rowsOutOfOrder(
  shard: number,
  { last, index }: { readonly last: number; readonly index: number },
): VarveError {
  return new VarveError('USAGE', {
    what: `Row ${index} of shard ${shard} comes after row ${last}.`,
    next: 'Give rows in the order of their list.',
    data: { shard, index },
  })
}
