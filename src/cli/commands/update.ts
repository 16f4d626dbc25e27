import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { inProject } from '../names.ts'
import { updatePipelines, withPipelineFiles, type PipelineFileOptions } from '../pipeline-files.ts'
import { inTransaction } from '../transaction.ts'
import { refuseDefaults } from './defaults.ts'

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
  withPipelineFiles(
    subject(command, 'pipeline', 'pipelines from spec files; creates those that are new'),
  )
    .option('--reprocess', 'run every datum again')
    .action(async (options: PipelineFileOptions) => updatePipelines(cli, options))
  refuseDefaults(command)
  return command
}
