import type { Command } from 'commander'
import type { MakeCommand } from '../cli.ts'
import { verb } from '../command.ts'

/** Words of pachctl for a cluster: accepted, so that scripts go on. */
export function notNeeded(name: string): MakeCommand {
  return (cli): Command =>
    verb(name, 'Not needed')
      .argument('[words...]')
      .allowUnknownOption()
      .action(async () => {
        cli.note(`\`${name}\` is not needed: Varve runs on this machine, without a cluster.`)
        await cli.print({ notNeeded: name }, () => '')
      })
}
