import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb, withProject } from '../command.ts'
import { plural } from '../format.ts'
import { readSpecs } from '../spec-source.ts'

export function validate(cli: Cli): Command {
  const command = verb('validate', 'Checks a spec; needs no project')
  withProject(subject(command, 'pipeline', 'pipeline specs'))
    .option('-f, --file <file...>', 'spec in YAML or JSON: file, URL or - for stdin', ['-'])
    .action(async (options: { file: string[] }) => {
      const { readSpecSources } = await import('../../engine/index.ts')
      const { specs, warnings } = await readSpecSources(await readSpecs(cli, options.file))
      for (const warning of warnings) cli.note(`${cli.noteStyle('yellow', 'note:')} ${warning}`)
      await cli.print(
        { specs, warnings },
        () => `${plural(specs.length, 'pipeline')}: no faults.\n`,
      )
    })
  return command
}
