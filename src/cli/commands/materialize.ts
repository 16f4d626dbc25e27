import { resolve } from 'node:path'
import type { Command } from 'commander'
import {
  rowStatuses,
  type MaterializeProgress,
  type MaterializeReport,
  type MaterializeRequest,
} from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { bytes, plural, shortId } from '../format.ts'
import { commitReference } from '../names.ts'
import { rowStatusList } from '../row-status.ts'
import { statusLine } from '../status-line.ts'
import { usage } from '../usage.ts'
import { wholeNumber } from '../whole-number.ts'

const formats = ['manifest', 'webdataset', 'parquet', 'files', 'tfrecord', 'dummy'] as const
const sidecars = ['wids', 'dali', 'parquet'] as const

interface MaterializeFlags {
  readonly to: string
  readonly format: string
  readonly glob?: string
  readonly where?: string
  readonly status?: readonly string[]
  readonly seed?: string
  readonly shardSamples?: number
  readonly shardBytes?: number
  readonly shardName?: string
  readonly sidecar?: readonly string[]
  readonly overwrite?: boolean
  readonly watch?: boolean
  readonly project?: string
}

export function materialize(cli: Cli): Command {
  const command = verb(
    'materialize',
    'Writes the samples of a commit as shards, tables, files or a manifest',
  )
  return withProject(command)
    .argument('<commit>', 'repo (its branch master), repo@branch or repo@id')
    .requiredOption('--to <folder>', 'where to; - for one TAR to standard output')
    .option('--format <format>', formats.join(', '), 'webdataset')
    .option('--glob <glob>', 'only files this matches')
    .option('--where <sql>', 'only samples whose columns meet this, such as "width >= 256"')
    .option('--status <status...>', `only samples whose row ended so: ${rowStatuses.join(', ')}`)
    .option('--seed <text>', 'shuffle, the same way everywhere')
    .option('--shard-samples <count>', 'most samples of a shard', wholeNumber(1))
    .option('--shard-bytes <bytes>', 'most bytes of a shard', wholeNumber(1))
    .option('--shard-name <pattern>', 'with %06d or the like for the number of the shard')
    .option('--sidecar <kind...>', 'indexes beside the shards: wids, dali, parquet')
    .option('--overwrite', 'replace files in the way that Varve did not write')
    .option('--watch', 'go on: again after each commit of the branch, until Ctrl-C')
    .action(async (commit: string, flags: MaterializeFlags) => run(cli, commit, flags))
}

async function run(cli: Cli, reference: string, flags: MaterializeFlags): Promise<void> {
  const selection = {
    commit: commitReference(reference, flags.project),
    signal: cli.signal,
    ...(flags.glob === undefined ? {} : { glob: flags.glob }),
    ...whereOf(flags),
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
  }
  if (flags.to === '-') {
    refuseShapes(flags)
    const varve = await cli.open('read')
    for await (const chunk of varve.streamTar(selection)) await cli.write(chunk)
    return
  }
  const target = resolve(cli.workingDirectory, flags.to)
  await toFolder(cli, flags, { ...selection, target, ...shapeOf(flags) })
}

/** One TAR archive has no shape to choose. */
function refuseShapes(flags: MaterializeFlags): void {
  const given = {
    'shard-samples': flags.shardSamples,
    'shard-bytes': flags.shardBytes,
    'shard-name': flags.shardName,
    sidecar: flags.sidecar,
    overwrite: flags.overwrite,
    watch: flags.watch,
  }
  const faults = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `--to - takes no --${name}: it is one archive on standard output.`)
  if (flags.format !== 'webdataset') faults.push(`--to - is a TAR archive, not ${flags.format}.`)
  if (faults.length > 0) throw usage(faults, 'materialize')
}

async function toFolder(
  cli: Cli,
  flags: MaterializeFlags,
  request: MaterializeRequest & { readonly commit: string },
): Promise<void> {
  const varve = await cli.open('read')
  const line = statusLine(cli)
  const shown = {
    ...request,
    progress: ({ samples, shards }: MaterializeProgress) =>
      line.show(() => `${plural(samples, 'sample')} in ${plural(shards, 'shard')}`),
  }
  try {
    if (flags.watch !== true) {
      const report = await varve.materialize(shown)
      line.clear()
      return await cli.print(report, () => reportText(report, flags.to))
    }
    cli.note(`Watching ${request.commit} for new commits; Ctrl-C ends it.`)
    for await (const report of varve.materializeEach(shown)) {
      line.clear()
      await cli.printLine(report, () => reportText(report, flags.to))
    }
  } finally {
    line.clear()
  }
}

/** The state of a row is a column of its sample, and as much a part of the commit. */
function whereOf({ where, status }: MaterializeFlags): { readonly where?: string } {
  const states = rowStatusList(status, rowStatuses)
  if (states === undefined) return where === undefined ? {} : { where }
  const isOne = `status IN (${states.map((state) => `'${state}'`).join(', ')})`
  return { where: where === undefined ? isOne : `${isOne} AND (\n${where}\n)` }
}

/** What the files look like; throws `USAGE` with every fault. */
function shapeOf(flags: MaterializeFlags) {
  const faults: string[] = []
  const format = formats.find((name) => name === flags.format)
  if (format === undefined) faults.push(`--format takes one of ${formats.join(', ')}.`)
  const wanted = flags.sidecar?.flatMap((word) => word.split(',')) ?? []
  const kinds = sidecars.filter((kind) => wanted.includes(kind))
  if (kinds.length < new Set(wanted).size) faults.push(`--sidecar takes ${sidecars.join(', ')}.`)
  const { shardSamples, shardBytes } = flags
  if (faults.length > 0) throw usage(faults, 'materialize')
  return {
    format: format ?? 'webdataset',
    ...(kinds.length === 0 ? {} : { sidecars: kinds }),
    ...(shardSamples === undefined ? {} : { shardSamples }),
    ...(shardBytes === undefined ? {} : { shardBytes }),
    ...(flags.shardName === undefined ? {} : { shardName: flags.shardName }),
    ...(flags.overwrite === true ? { overwrite: true } : {}),
  }
}

function reportText(report: MaterializeReport, target: string): string {
  const { samples, shards, kept, removed, skipped, skippedPaths } = report
  const lines = [
    `${plural(samples, 'sample')}, ${bytes(report.bytes)} in ${plural(shards, 'shard')} below ${target}, of commit ${shortId(report.commit)}`,
  ]
  if (kept > 0) lines.push(`${plural(kept, 'shard')} kept as an earlier run wrote them`)
  if (removed > 0) lines.push(`${plural(removed, 'file')} of an earlier run removed`)
  if (skipped > 0)
    lines.push(
      `${plural(skipped, 'file belongs', 'files belong')} to no sample: ${skippedPaths.join(', ')}`,
    )
  return `${lines.join('\n')}\n`
}
