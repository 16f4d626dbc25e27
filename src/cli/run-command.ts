import { CommanderError, type Command } from 'commander'
import { withoutBooleanValues } from './boolean-words.ts'
import { subjectMissing, usageError } from './command.ts'

/** Parses the words of a verb and runs what they name. A usage fault is thrown as `USAGE`. */
export async function runCommand(
  command: Command,
  words: readonly string[],
  project: string | undefined,
): Promise<void> {
  if (project !== undefined) setProject(command, project)
  try {
    await command.parseAsync(withoutBooleanValues(command, words), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.help') throw subjectMissing(command, words)
    const usage = usageError(error, command, words)
    if (usage !== undefined) throw usage
  }
}

/** The project of `config update context --project` stands in where a line names none. */
function setProject(command: Command, project: string): void {
  if (command.options.some((option) => option.attributeName() === 'project' && !option.mandatory)) {
    command.setOptionValueWithSource('project', project, 'config')
  }
  for (const child of command.commands) setProject(child, project)
}
