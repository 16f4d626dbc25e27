import { hash } from 'node:crypto'
import { basename } from 'node:path'
import { VarveError } from '../../model/index.ts'
import { widsIndex } from '../formats/wids-index.ts'
import { SelectedSamples } from '../samples/selected-samples.ts'
import type { PartRecord } from '../target/journal.ts'
import { stopIfAsked } from '../stop-if-asked.ts'
import { TargetFolder } from '../target/target-folder.ts'
import type { MaterializeOptions, MaterializeReport, MaterializerParts } from '../types.ts'
import { cutShards, type Shard } from './cut-shards.ts'
import { formatOf } from './format-of.ts'
import { shardContent, type ShardFormat } from './shard-format.ts'
import { ShardName } from './shard-name.ts'

/** See `Materializer.materialize`. */
export async function writeShards(
  parts: MaterializerParts,
  options: MaterializeOptions,
): Promise<MaterializeReport> {
  checkLimits(options)
  const selected = await SelectedSamples.open(parts, options)
  const format = await formatOf(parts, options, selected)
  const name = new ShardName(options.shardName ?? format.shardName)
  const { target, overwrite = false, signal } = options
  if (options.format === 'dummy') {
    return new ShardRun({ options, selected, format, name, folder: undefined }).run()
  }
  const view = name.pattern
  const folder = await TargetFolder.open({ folder: target, view, overwrite, signal })
  try {
    return await new ShardRun({ options, selected, format, name, folder }).run()
  } finally {
    await folder.close()
  }
}

interface RunParts {
  readonly options: MaterializeOptions
  readonly selected: SelectedSamples
  readonly format: ShardFormat
  readonly name: ShardName
  /** Undefined when nothing is written. */
  readonly folder: TargetFolder | undefined
}

/** One run over all shards. */
class ShardRun {
  readonly #parts: RunParts
  readonly #written: PartRecord[] = []
  readonly #names = new Set<string>()
  #samples = 0
  #bytes = 0
  #shards = 0
  #kept = 0

  constructor(parts: RunParts) {
    this.#parts = parts
  }

  async run(): Promise<MaterializeReport> {
    const { options, selected, format, folder } = this.#parts
    const limits = {
      samples: options.shardSamples ?? format.shardSamples,
      bytes: options.shardBytes ?? Infinity,
    }
    for await (const shard of cutShards(selected.batches(options.seed), limits)) {
      stopIfAsked(options.signal)
      await this.#shard(shard)
    }
    const { count, paths } = selected.skipped
    await this.#describe()
    const removed = (await folder?.keepOnly(this.#names)) ?? 0
    return {
      ...this.#done(),
      commit: selected.commit.id,
      root: selected.commit.files,
      kept: this.#kept,
      removed,
      skipped: count,
      skippedPaths: paths,
    }
  }

  async #shard(shard: Shard): Promise<void> {
    const { options, name, folder } = this.#parts
    const part = name.of(shard.number)
    if (folder !== undefined) this.#written.push(await this.#write(folder, shard, part))
    this.#names.add(part)
    this.#samples += shard.samples.length
    this.#bytes += shard.bytes
    this.#shards++
    options.progress?.(this.#done())
  }

  async #write(folder: TargetFolder, shard: Shard, name: string): Promise<PartRecord> {
    const { format } = this.#parts
    const content = shardContent(format, shard.samples)
    const present = format.identity === undefined ? undefined : folder.whole(name, content)
    if (present !== undefined) {
      this.#kept++
      return present
    }
    const inFolders = format.inFolders?.(shard)
    return folder.write({ name, files: format.files(name) }, async (out) => {
      await format.write(shard, name, out)
      return { content, samples: shard.samples.length, ...(inFolders && { inFolders }) }
    })
  }

  /** Small files about all shards, at the end. */
  async #describe(): Promise<void> {
    const { options, selected, name } = this.#parts
    const { repo, id, files: root } = selected.commit
    if (options.sidecars?.includes('wids') === true) {
      await this.#text(name.about('wids.json'), widsIndex(repo, this.#written))
    }
    if (options.format === 'manifest') {
      const files = this.#written.map((part) => ({
        name: basename(part.name),
        samples: part.samples,
      }))
      const order = options.seed === undefined ? { by: 'path' } : { by: 'seed', seed: options.seed }
      const about = { format: 'varve-manifest', version: 1, repo, commit: id, root, order, files }
      await this.#text(name.about('index.json'), `${JSON.stringify(about, null, 2)}\n`)
    }
  }

  async #text(name: string, text: string): Promise<void> {
    const { folder } = this.#parts
    const content = hash('sha256', text, 'hex')
    this.#names.add(name)
    if (folder === undefined || folder.whole(name, content) !== undefined) return
    await folder.write({ name, files: [name] }, async (out) => {
      const file = await out.open(name)
      await file.write([Buffer.from(text)])
      return { content, samples: 0 }
    })
  }

  #done() {
    return { samples: this.#samples, bytes: this.#bytes, shards: this.#shards }
  }
}

function checkLimits({ shardSamples, shardBytes }: MaterializeOptions): void {
  for (const [name, limit] of Object.entries({ shardSamples, shardBytes })) {
    if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 1)) continue
    throw new VarveError('USAGE', {
      what: `${name} is ${limit}, but a shard needs a whole number of at least 1.`,
      data: { [name]: limit },
    })
  }
}
