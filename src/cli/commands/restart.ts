import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { plural } from '../format.ts'
import { inProject } from '../names.ts'
import { notNeededSubject } from './not-needed.ts'

export function restart(cli: Cli): Command {
  const command = verb('restart', 'Makes datums run again')
  withProject(
    subject(
      command,
      'datum <pipeline@job> [paths]',
      'datums that read all of the paths (with commas)',
    ),
  ).action(async (reference: string, paths: string | undefined, options: { project?: string }) => {
    const job = inProject(reference, options.project)
    const wanted = (paths ?? '').split(',').filter((path) => path !== '')
    const varve = await cli.open('write')
    const count = await varve.datums.restart({ job, paths: wanted })
    await cli.print({ restarted: count }, () => `${plural(count, 'datum')} will run again.\n`)
  })
  notNeededSubject(cli, command, 'cluster')
  return command
}
