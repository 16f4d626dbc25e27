import type { PipelineChange } from '../engine/index.ts'
import type { Cli } from './cli.ts'
import { readSpecs } from './spec-source.ts'
import { refuseInTransaction } from './transaction.ts'
import { shortKey } from './views/key.ts'

interface PipelineFileOptions {
  readonly file: readonly string[]
  readonly dryRun?: boolean
  readonly reprocess?: boolean
  readonly project?: string
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
  const sources = await readSpecs(cli, options.file)
  const varve = await cli.open(options.dryRun === true ? 'read' : 'write')
  if (options.dryRun !== true) await refuseInTransaction(varve, `${mode} pipeline`)
  const { changes, warnings } = await varve.pipelines.change(sources, {
    mode,
    dryRun: options.dryRun === true,
    reprocess: options.reprocess === true,
    ...(options.project === undefined ? {} : { project: options.project }),
  })
  for (const warning of warnings) cli.note(`${cli.noteStyle('yellow', 'note:')} ${warning}`)
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
