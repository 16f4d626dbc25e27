import { InvalidArgumentError, type Command } from 'commander'
import type { PipelineInfo, Varve } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { collected } from '../collected.ts'
import { alsoTakes, subject, withProject, withRaw } from '../command.ts'
import { inProject } from '../names.ts'
import { pipelineTable } from '../views/job.ts'
import { rawPipeline } from '../views/raw.ts'
import { showMany, type ViewOptions } from '../views/show.ts'

interface PipelineOptions extends ViewOptions {
  readonly state?: readonly string[]
  readonly spec?: boolean
  /** How many versions before the present one. */
  readonly history?: number
  readonly commit?: string
  readonly allProjects?: boolean
}

export function listPipelines(cli: Cli, parent: Command): void {
  const command = subject(parent, 'pipeline [name]', 'pipelines with the state of their last job')
  alsoTakes(withRaw(withProject(command)), ['-A, --all-projects', '--no-pager'])
    .option('--state <state>', '"running" or "stopped"; may be repeated', pipelineStates)
    .option('-s, --spec', 'the specs, for `create pipeline -f`; with -o yaml as YAML')
    .option('--history <count>', 'earlier versions too: so many, "all" or "none"', versionCount)
    .option('-c, --commit <commit>', 'as they were when this commit, or the set of this id, began')
    .action(async (name: string | undefined, options: PipelineOptions) => {
      const varve = await cli.open('read')
      const pipelines = pipelinesAsked(varve, name, options)
      if (options.spec === true) return showSpecs(cli, pipelines, options)
      const text = (rows: readonly PipelineInfo[]): string => pipelineTable(cli, options, rows)
      await showMany(cli, options, pipelines, { raw: rawPipeline, text })
    })
}

function pipelinesAsked(
  varve: Varve,
  name: string | undefined,
  options: PipelineOptions,
): readonly PipelineInfo[] {
  const { state, history = 0 } = options
  const project = options.allProjects === true ? undefined : options.project
  const wanted = name === undefined ? undefined : varve.pipelines.inspect(inProject(name, project))
  const before = options.commit === undefined ? Infinity : beginOf(varve, options.commit, project)
  const versions = varve.pipelines
    .list({ ...(project === undefined ? {} : { project }), history: true })
    .filter((info) => wanted === undefined || info.key === wanted.key)
    .filter((info) => info.updatedAt <= before)
  const byKey = [...Map.groupBy(versions, ({ key }) => key).values()]
  return byKey
    .flatMap((ofOne) => ofOne.slice(0, history + 1))
    .filter((info) => state === undefined || state.includes(info.state))
}

function beginOf(varve: Varve, commit: string, project: string | undefined): number {
  if (!varve.isCommitId(commit)) {
    return varve.commits.inspect(inProject(commit, project)).startedAt
  }
  return Math.max(...varve.commits.set(commit).commits.map(({ startedAt }) => startedAt))
}

async function showSpecs(
  cli: Cli,
  pipelines: readonly PipelineInfo[],
  options: ViewOptions,
): Promise<void> {
  const varve = await cli.open('read')
  const { parse } = await import('yaml')
  const specs: unknown[] = []
  for (const { spec } of pipelines) specs.push(parse(await varve.pipelines.specText(spec)))
  const form = { output: options.output ?? 'json' }
  await showMany(cli, form, specs, { raw: (spec) => spec, text: () => '' })
}

/** pachctl's states; here a pipeline runs or is stopped, and in none of the others. */
const states: Readonly<Record<string, string>> = {
  running: 'running',
  paused: 'stopped',
  stopped: 'stopped',
  starting: 'starting',
  restarting: 'restarting',
  failure: 'failure',
  standby: 'standby',
  crashing: 'crashing',
}

function pipelineStates(text: string, before: readonly string[] = []): string[] {
  const state = states[text.toLowerCase().replace(/^pipeline_/, '')]
  if (state !== undefined) return collected(state, before)
  throw new InvalidArgumentError(`It must be one of ${Object.keys(states).join(', ')}.`)
}

function versionCount(text: string): number {
  if (text === 'all') return Infinity
  if (text === 'none') return 0
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be "all", "none" or a count.')
}
