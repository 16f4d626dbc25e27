import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { plural } from '../format.ts'
import { pipelineSources, withSpecs, type PipelineSources } from '../pipeline-files.ts'

export function validate(cli: Cli): Command {
  const command = verb('validate', 'Checks a spec; needs no project')
  withSpecs(withProject(subject(command, 'pipeline', 'pipeline specs'))).action(
    async (options: PipelineSources) => {
      const { readSpecSources } = await import('../../engine/index.ts')
      const { specs, warnings } = await readSpecSources(await pipelineSources(cli, options))
      for (const warning of warnings) cli.note(`${cli.noteStyle('yellow', 'note:')} ${warning}`)
      await cli.print(
        { specs, warnings },
        () => `${plural(specs.length, 'pipeline')}: no faults.\n`,
      )
    },
  )
  return command
}
