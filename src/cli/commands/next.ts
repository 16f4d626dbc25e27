import type { Command } from 'commander'
import { VarveError } from '../../model/index.ts'
import type { Cli } from '../cli.ts'
import { subject, verb } from '../command.ts'

/**
 * Inside a command with `datum_batching`, a small program of the sandbox answers to this name and
 * never comes here. Whoever comes here is outside.
 */
export function next(_cli: Cli): Command {
  const command = verb('next', 'Asks for the next datum (only inside a datum_batching command)')
  subject(command, 'datum', 'the next datum')
    .option('--error <message>', 'fail the present datum')
    .action(() => {
      throw new VarveError('USAGE', {
        what: '`next datum` works only inside a command of a pipeline with datum_batching.',
        next: 'Set transform.datum_batching: true in the spec.',
      })
    })
  return command
}
