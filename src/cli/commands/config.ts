import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { subject, verb } from '../command.ts'

/** Upstream contexts name a cluster; here there is one, `local`, and what it holds is a project. */
export function config(cli: Cli): Command {
  const command = verb('config', 'Contexts: the project that names without one belong to')
  const getVerb = subject(command, 'get', 'the active context')
  subject(getVerb, 'active-context', 'its name').action(async () =>
    cli.print({ context: 'local' }, () => 'local\n'),
  )
  subject(getVerb, 'context <name>', 'what it holds').action(async (name: string) => {
    checkContext(name)
    const varve = await cli.open('read')
    const project = (await varve.settings.project()) ?? 'default'
    await cli.print(
      { source: 'LOCAL', project },
      () => `${JSON.stringify({ project }, undefined, 2)}\n`,
    )
  })
  const setVerb = subject(command, 'set', 'the active context')
  subject(setVerb, 'active-context <name>', 'only "local"').action(async (name: string) => {
    checkContext(name)
    await cli.print({ context: name }, () => '')
  })
  const updateVerb = subject(command, 'update', 'a context')
  subject(updateVerb, 'context [name]', 'the active one')
    .requiredOption('--project <name>', 'the project that names without one belong to')
    .action(async (name: string | undefined, options: { project: string }) => {
      if (name !== undefined) checkContext(name)
      const varve = await cli.open('write')
      varve.projects.inspect(options.project)
      await varve.settings.setProject(options.project)
      await cli.print({ project: options.project }, () => '')
    })
  const listVerb = subject(command, 'list', 'contexts')
  subject(listVerb, 'context', 'there is one').action(async () =>
    cli.print(['local'], () => '* local\n'),
  )
  return command
}

function checkContext(name: string): void {
  if (name === 'local') return
  throw new VarveError('USAGE', {
    what: `There is no context "${name}".`,
    next: 'There is one context, "local"; -C chooses the project folder.',
  })
}
