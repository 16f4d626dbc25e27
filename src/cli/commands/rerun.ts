import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { inProject } from '../names.ts'

export function rerun(cli: Cli): Command {
  const command = verb('rerun', 'Starts a job although nothing changed')
  withProject(subject(command, 'pipeline <name>', 'a pipeline on its present inputs'))
    .option('--reprocess', 'run every datum again')
    .action(async (name: string, options: { reprocess?: boolean; project?: string }) => {
      const varve = await cli.open('write')
      const info = await varve.pipelines.rerun(inProject(name, options.project), {
        reprocess: options.reprocess === true,
      })
      await cli.print(info, () => '')
    })
  return command
}
