import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { verb, withProject } from '../command.ts'
import { inProject } from '../names.ts'

export function why(cli: Cli): Command {
  return withProject(verb('why', 'Says why something is as it is'))
    .argument('<thing>', 'REPO@BRANCH:PATH (a file), PIPELINE@JOB (a job), or PIPELINE')
    .argument('[datum]', 'a datum of that job: its id or one of its paths')
    .action(async (thing: string, datum: string | undefined, options: { project?: string }) => {
      const varve = await cli.open('read')
      const explanation = await varve.why(inProject(thing, options.project), datum)
      await cli.print(explanation, () =>
        [
          cli.style('bold', explanation.summary),
          ...explanation.facts.map((fact) => `  ${fact}`),
          '',
        ].join('\n'),
      )
    })
}
