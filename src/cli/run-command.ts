import { CommanderError, type Command } from 'commander'
import { usageError } from './command.ts'

/** Parses the words of a verb and runs what they name. A usage fault is thrown as `USAGE`. */
export async function runCommand(command: Command, words: readonly string[]): Promise<void> {
  try {
    await command.parseAsync([...words], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    const name = command.name().replace(/^varve /, '')
    const usage = usageError(error, [name, ...words])
    if (usage !== undefined) throw usage
  }
}
