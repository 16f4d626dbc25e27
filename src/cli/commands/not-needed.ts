import type { Command } from 'commander'
import type { Cli, MakeCommand } from '../cli.ts'
import { verb } from '../command.ts'

/** Words of pachctl for a cluster: accepted, so that scripts go on. */
export function notNeeded(name: string): MakeCommand {
  return (cli): Command => answering(cli, verb(name, 'Not needed'), name)
}

/** As `notNeeded`, for a subject of a verb there is; not in its help. */
export function notNeededSubject(cli: Cli, parent: Command, name: string): void {
  const verbName = parent.name().replace(/^varve /, '')
  answering(cli, parent.command(name, { hidden: true }), `${verbName} ${name}`)
}

function answering(cli: Cli, command: Command, name: string): Command {
  return command
    .argument('[words...]')
    .allowUnknownOption()
    .action(async () => {
      cli.note(`\`${name}\` is not needed: Varve runs on this machine, without a cluster.`)
      await cli.print({ notNeeded: name }, () => '')
    })
}
