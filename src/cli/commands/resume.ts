import type { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { subject, verb } from '../command.ts'

export function resume(cli: Cli): Command {
  const command = verb('resume', 'Takes a transaction up again')
  subject(command, 'transaction <id>', 'make it the open one').action(async (id: string) => {
    const varve = await cli.open('write')
    const info = varve.batches.inspect(id)
    await varve.settings.setTransaction(info.id)
    await cli.print(info, () => `Resuming existing transaction with ID: ${info.id}\n`)
  })
  return command
}
