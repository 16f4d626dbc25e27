import type { Command } from 'commander'
import type { RunEvent, Varve } from '../../engine/index.ts'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { inProject } from '../names.ts'
import { runSummary, watchRun } from '../run-view.ts'

interface RunFlags {
  readonly watch?: boolean
  readonly apply?: boolean
  readonly events?: boolean
}

/** `run` alone does what is due; `run cron P` is pachctl's word for a tick now. */
export function run(cli: Cli): Command {
  const command = verb('run', 'Runs every job that is due, until all is up to date')
    .option('--no-apply', 'do not look at varve.yaml first')
    .option('--watch', 'go on: run what new commits and cron ticks start, until Ctrl-C')
    .option('--events', 'with --json: every event as a line of JSON')
    .action(async (flags: RunFlags) => runAll(cli, flags))
  withProject(subject(command, 'cron <pipeline>', 'tick the cron inputs of a pipeline now')).action(
    async (name: string, options: { project?: string }) => {
      const varve = await cli.open('write')
      const ticks = await varve.pipelines.tick(inProject(name, options.project))
      if (ticks.length === 0) {
        throw new VarveError('USAGE', {
          what: `The pipeline ${name} has no cron input to tick.`,
          next: `Run \`varve inspect pipeline ${name}\`.`,
          data: { pipeline: name },
        })
      }
      await cli.print(ticks, () => '')
    },
  )
  return command
}

async function* eventsOf(cli: Cli, flags: RunFlags): AsyncGenerator<RunEvent> {
  const prepare = async (varve: Varve): Promise<void> => {
    if (flags.apply !== false) await applyFirst(cli, varve)
  }
  if (flags.watch !== true) {
    const varve = await cli.open('write')
    await prepare(varve)
    yield* varve.run({ signal: cli.signal })
    return
  }
  const { watchProject } = await import('../../engine/index.ts')
  const idle = onceOf(() => cli.note('Watching for new commits and cron ticks; Ctrl-C ends it.'))
  const notice = (what: string): void => cli.note(`${cli.noteStyle('yellow', 'note:')} ${what}`)
  yield* watchProject({ dir: cli.directory, signal: cli.signal, notice, first: prepare, idle })
}

async function applyFirst(cli: Cli, varve: Varve): Promise<void> {
  const { changes, warnings } = await varve.applyIfPresent()
  for (const { text } of changes) cli.note(text)
  for (const warning of warnings) cli.note(`${cli.noteStyle('yellow', 'note:')} ${warning}`)
}

function onceOf(work: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) work()
    isDone = true
  }
}

async function runAll(cli: Cli, flags: RunFlags): Promise<void> {
  const outcome = await watchRun(cli, eventsOf(cli, flags), {
    everyEvent: flags.events === true,
    untilStopped: flags.watch === true,
  })
  if (flags.events !== true) await cli.print(outcome, () => runSummary(cli, outcome))
  if (outcome.failed.length > 0) cli.exitWith(1)
}
