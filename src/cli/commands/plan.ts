import type { Command } from 'commander'
import type { JobPlan, PlannedDatum, RunReason } from '../../engine/index.ts'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { grouped, plural, shortId } from '../format.ts'
import { inProject } from '../names.ts'
import { displayWidth } from '../style.ts'
import { pad } from '../table.ts'
import { reasonText } from '../views/job.ts'
import { shortKey } from '../views/key.ts'

export function plan(cli: Cli): Command {
  return withProject(verb('plan', 'Shows what a run would do, and why; changes nothing'))
    .argument('[pipeline]', 'only this pipeline')
    .option('--all', 'every datum instead of the first few')
    .action(async (name: string | undefined, options: { project?: string; all?: boolean }) => {
      const varve = await cli.open('read')
      const plans = await varve.plan({
        ...(name === undefined ? {} : { pipeline: inProject(name, options.project) }),
        samples: options.all === true ? Infinity : 5,
      })
      await cli.print(plans, () => planText(cli, plans))
    })
}

function planText(cli: Cli, plans: readonly JobPlan[]): string {
  if (plans.length === 0)
    return `${cli.style('green', 'All is up to date.')} A run would do nothing.\n`
  return plans.map((one) => jobPlanText(cli, one)).join('\n')
}

function jobPlanText(cli: Cli, one: JobPlan): string {
  const name = cli.style('bold', shortKey(one.job.pipeline))
  const head = `${name} ${cli.style('dim', `@${shortId(one.job.id)}`)}`
  const lines = [`${head}  ${countsText(cli, one)}`]
  if (one.kind !== 'waiting') lines.push(`  ${one.why}`)
  const width = Math.max(0, ...one.samples.map((datum) => displayWidth(datumName(datum))))
  for (const datum of one.samples) {
    const sign = cli.style(colours[datum.action], datum.action.padEnd(6))
    const why =
      datum.reason === undefined ? '' : cli.style('dim', sampleReason(datum, datum.reason))
    lines.push(`    ${sign} ${pad(datumName(datum), width, 'left')}  ${why}`.trimEnd())
  }
  const rest = one.run + one.remove - one.samples.length
  if (one.samples.length > 0 && rest > 0) lines.push(`    … and ${grouped(rest)} more (--all)`)
  return `${lines.join('\n')}\n`
}

const colours = { run: 'green', cached: 'cyan', remove: 'red' } as const

const mostPaths = 3

function datumName({ id, paths }: PlannedDatum): string {
  if (paths.length === 0) return shortId(id)
  const more = paths.length > mostPaths ? ` and ${paths.length - mostPaths} more` : ''
  return paths.slice(0, mostPaths).join(', ') + more
}

/** The path stands before the reason already: it need not be said again. */
function sampleReason({ paths }: PlannedDatum, reason: RunReason): string {
  if (reason.kind !== 'input changed') return reasonText(reason)
  return paths.length === 1 ? 'its content changed' : reasonText(reason)
}

function countsText(cli: Cli, one: JobPlan): string {
  if (one.kind === 'waiting') return cli.style('dim', 'waits for its inputs')
  if (one.kind === 'unrunnable') return cli.style('red', 'cannot run')
  const cached = one.cached > 0 ? ` (${grouped(one.cached)} from the cache)` : ''
  const parts = [
    one.run > 0
      ? `${cli.style('green', `${plural(one.run, 'datum', 'datums')} to run`)}${cached}`
      : 'nothing to run',
    `${grouped(one.skip)} to skip`,
  ]
  if (one.remove > 0) parts.push(cli.style('red', `${grouped(one.remove)} to remove`))
  return parts.join(', ')
}
