import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { alsoTakes, subject, verb } from '../command.ts'
import { notNeededSubject } from './not-needed.ts'

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
  alsoTakes(subject(updateVerb, 'context [name]', 'the active one'), ofCluster)
    .option('--project <name>', 'the project that names without one belong to')
    .action(async (name: string | undefined, { project }: { project?: string }) => {
      if (name !== undefined) checkContext(name)
      if (project === undefined) return noCluster(cli, 'update context')
      const varve = await cli.open('write')
      varve.projects.inspect(project)
      await varve.settings.setProject(project)
      await cli.print({ project }, () => '')
    })
  const listVerb = subject(command, 'list', 'contexts')
  subject(listVerb, 'context', 'there is one').action(async () =>
    cli.print(['local'], () => '* local\n'),
  )
  command
    .command('delete', { hidden: true })
    .command('context <name>')
    .action((name: string) => {
      checkContext(name)
      throw new VarveError('NOT_SUPPORTED', {
        what: 'The context "local" is the only one, and stays.',
        next: 'Run `varve delete all` to empty the project.',
      })
    })
  acceptClusterWords(cli, { command, get: getVerb, set: setVerb })
  return command
}

const ofCluster = [
  '--pachd-address <address>',
  '--cluster-name <name>',
  '--auth-info <name>',
  '--server-cas <certificates>',
  '--namespace <name>',
  '--remove-cluster-deployment-id',
]

/** What a context of a cluster needs: taken for the one context there is, so that scripts go on. */
function acceptClusterWords(
  cli: Cli,
  verbs: { readonly command: Command; readonly get: Command; readonly set: Command },
): void {
  verbs.set
    .command('context <name>', { hidden: true })
    .option('--overwrite')
    .action(async (name: string) => {
      checkContext(name)
      await noCluster(cli, 'set context')
    })
  verbs.get
    .command('metrics', { hidden: true })
    .action(async () => cli.print({ metrics: false }, () => 'false\n'))
  notNeededSubject(cli, verbs.set, 'metrics')
  notNeededSubject(cli, verbs.get, 'active-enterprise-context')
  notNeededSubject(cli, verbs.set, 'active-enterprise-context')
  notNeededSubject(cli, verbs.command, 'import-kube')
}

async function noCluster(cli: Cli, words: string): Promise<void> {
  cli.note(`\`config ${words}\`: "local" has no address; only its --project can be changed.`)
  await cli.print({ context: 'local' }, () => '')
}

function checkContext(name: string): void {
  if (name === 'local') return
  throw new VarveError('USAGE', {
    what: `There is no context "${name}".`,
    next: 'There is one context, "local"; -C chooses the project folder.',
  })
}
