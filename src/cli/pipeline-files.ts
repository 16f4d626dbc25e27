import type { Command } from 'commander'
import type { PipelineChange, SpecSource } from '../engine/index.ts'
import { VarveError } from '../model/index.ts'
import type { Cli } from './cli.ts'
import { collected } from './collected.ts'
import { alsoTakes, withProject } from './command.ts'
import { readSpecs } from './spec-source.ts'
import { refuseInTransaction } from './transaction.ts'
import { shortKey } from './views/key.ts'
import { rawSpec } from './views/raw-pipeline.ts'
import { showMany, wantsRaw, type ViewOptions } from './views/show.ts'

export interface PipelineSources {
  readonly file?: readonly string[]
  readonly jsonnet?: string
  readonly arg?: readonly string[]
}

export interface PipelineFileOptions extends PipelineSources, ViewOptions {
  readonly dryRun?: boolean
  readonly reprocess?: boolean
}

const onlyUpstream = [
  '-p, --push-images',
  '-r, --registry <registry>',
  '-u, --username <name>',
  '--full-timestamps',
]

/** The options of `create pipeline` and `update pipeline`. */
export function withPipelineFiles(command: Command): Command {
  return alsoTakes(withSpecs(withProject(command)), onlyUpstream)
    .option('--dry-run', 'check it, and say what it would do, without changing anything')
    .option('--raw', 'with --dry-run: the specs in effect, as pachctl prints them')
    .option('-o, --output <format>', '"json" or "yaml", for --raw')
}

/** The options by which a command is told of specs. */
export function withSpecs(command: Command): Command {
  return command
    .option('-f, --file <file...>', 'spec in YAML or JSON: file, URL or - for stdin (the default)')
    .option('--jsonnet <file>', 'a template of specs, rendered by the program `jsonnet`')
    .option(
      '--arg <name=value>',
      'a top-level argument of the template; may be repeated',
      collected,
    )
}

/** The texts those options name. */
export async function pipelineSources(
  cli: Cli,
  { file, jsonnet, arg = [] }: PipelineSources,
): Promise<readonly SpecSource[]> {
  if (jsonnet !== undefined && file === undefined) {
    const { renderJsonnet } = await import('./jsonnet.ts')
    return [await renderJsonnet(cli, jsonnet, arg)]
  }
  if (jsonnet === undefined && arg.length === 0) return readSpecs(cli, file ?? ['-'])
  throw new VarveError('USAGE', {
    what:
      jsonnet === undefined
        ? '--arg is for templates.'
        : '--file and --jsonnet exclude each other.',
    next: 'Name specs with -f, or one template with --jsonnet and its arguments with --arg.',
  })
}

export async function createPipelines(cli: Cli, options: PipelineFileOptions): Promise<void> {
  await changePipelines(cli, options, 'create')
}

export async function updatePipelines(cli: Cli, options: PipelineFileOptions): Promise<void> {
  await changePipelines(cli, options, 'update')
}

async function changePipelines(
  cli: Cli,
  options: PipelineFileOptions,
  mode: 'create' | 'update',
): Promise<void> {
  const sources = await pipelineSources(cli, options)
  const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
  if (options.dryRun !== true) await refuseInTransaction(varve, `${mode} pipeline`)
  const { changes, warnings, specs } = await varve.pipelines.change(sources, {
    mode,
    dryRun: options.dryRun === true,
    reprocess: options.reprocess === true,
    ...(options.project === undefined ? {} : { project: options.project }),
  })
  for (const warning of warnings) cli.note(`${cli.noteStyle('yellow', 'note:')} ${warning}`)
  if (!cli.json && specs !== undefined && wantsRaw(options)) {
    return showMany(cli, options, specs, { raw: rawSpec, text: () => '' })
  }
  await cli.print({ changes, warnings }, () =>
    options.dryRun === true
      ? changes.map((change) => `would ${changeText(change)}\n`).join('')
      : '',
  )
}

export function changeText({ kind, pipeline, version }: PipelineChange): string {
  const name = `pipeline ${shortKey(pipeline)}`
  if (kind === 'unchanged') return `leave ${name} as it is`
  return kind === 'create' ? `create ${name}` : `update ${name} to version ${version}`
}
