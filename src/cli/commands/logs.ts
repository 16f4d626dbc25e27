import { InvalidArgumentError, type Command } from 'commander'
import type { Cli } from '../cli.ts'
import { parseDuration } from '../../util/index.ts'
import { alsoTakes, verb, withProject } from '../command.ts'
import { shortId } from '../format.ts'
import { inProject } from '../names.ts'
import { shortKey } from '../views/key.ts'
import { rawLogLine } from '../views/raw.ts'
import { wholeNumber } from '../whole-number.ts'

interface LogsFlags {
  readonly pipeline?: string
  readonly job?: string
  readonly datum?: string
  readonly inputs?: string
  readonly follow?: boolean
  readonly tail?: number
  /** Milliseconds back from now. */
  readonly since?: number
  readonly raw?: boolean
  readonly master?: boolean
  readonly worker?: boolean
  readonly project?: string
}

export function logs(cli: Cli): Command {
  return alsoTakes(withProject(verb('logs', 'Prints what the commands of datums printed')), [
    '--master',
    '--worker',
  ])
    .option('-p, --pipeline <name>', 'the newest job of a pipeline')
    .option('-j, --job <pipeline@job>', 'one job')
    .option('--datum <id>', 'one datum')
    .option('--inputs <paths>', 'datums that read all of these paths (with commas)')
    .option('-f, --follow', 'go on with jobs to come')
    .option('-t, --tail <lines>', 'only the last lines', wholeNumber())
    .option('--since <time>', 'only datums that ended in the last 30m, 24h, 1h30m …', sinceMs)
    .option('--raw', 'the JSON of pachctl, one document a line')
    .action(async (flags: LogsFlags) => printLogs(cli, flags))
}

async function printLogs(cli: Cli, flags: LogsFlags): Promise<void> {
  if (flags.master === true || flags.worker === true) {
    cli.note(
      'note: no master or worker of its own runs a pipeline here; this is what its commands printed.',
    )
  }
  const varve = await cli.open('read')
  const lines = varve.logs({
    ...(flags.pipeline === undefined ? {} : { pipeline: inProject(flags.pipeline, flags.project) }),
    ...(flags.job === undefined ? {} : { job: inProject(flags.job, flags.project) }),
    ...(flags.datum === undefined ? {} : { datum: flags.datum }),
    ...(flags.tail === undefined ? {} : { tail: flags.tail }),
    ...(flags.since === undefined ? {} : { since: cli.clock.now() - flags.since }),
    inputs: (flags.inputs ?? '').split(',').filter((path) => path !== ''),
    follow: flags.follow === true,
    signal: cli.signal,
  })
  let last = ''
  for await (const line of lines) {
    const head = `${shortKey(line.pipeline)} ${shortId(line.datum)} ${line.paths.join(', ')}`
    const title = head === last ? '' : `${cli.style('dim', head)}\n`
    last = head
    await cli.printLine(line, () =>
      flags.raw === true ? `${JSON.stringify(rawLogLine(line))}\n` : `${title}  ${line.text}\n`,
    )
  }
  if (last === '') cli.note('No output was recorded.')
}

function sinceMs(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw new InvalidArgumentError('It must be a time like 90s, 30m, 24h or 1h30m.')
}
