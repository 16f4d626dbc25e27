import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { alsoTakes, subject, verb, withProject } from '../command.ts'
import { inProject } from '../names.ts'
import { updatePipelines } from '../pipeline-files.ts'
import { inTransaction } from '../transaction.ts'

export function update(cli: Cli): Command {
  const command = verb('update', 'Changes a repo, pipeline or project')
  subject(command, 'project <name>', 'the description of a project')
    .requiredOption('-d, --description <text>', 'what it is for')
    .action(async (name: string, options: { description: string }) => {
      const varve = await cli.open('write')
      const info = await varve.projects.update(name, options)
      await cli.print(info, () => '')
    })
  withProject(subject(command, 'repo <name>', 'the description of a repo'))
    .requiredOption('-d, --description <text>', 'what it holds')
    .action(async (name: string, options: { description: string; project?: string }) => {
      const repo = inProject(name, options.project)
      const { description } = options
      await inTransaction(cli, { kind: 'repo.update', repo, description }, (varve) =>
        varve.repos.update(repo, { description }),
      )
    })
  const pipeline = withProject(
    subject(command, 'pipeline', 'pipelines from spec files; creates those that are new'),
  )
  alsoTakes(pipeline, ['-p, --push-images', '-r, --registry <registry>', '-u, --username <name>'])
    .option('-f, --file <file...>', 'spec in YAML or JSON: file, URL or - for stdin', ['-'])
    .option('--reprocess', 'run every datum again')
    .option('--dry-run', 'check it, and say what it would do, without changing anything')
    .action(
      async (options: {
        file: string[]
        reprocess?: boolean
        dryRun?: boolean
        project?: string
      }) => updatePipelines(cli, options),
    )
  return command
}
