import type { CommandTransform } from '../../pipelines/index.ts'
import type { CommandOutcome, SessionTask } from '../../sandbox/index.ts'

/** What becomes of a datum after a failed try. */
export type Recovery = 'recovered' | 'again' | 'aborted'

/**
 * `err_cmd` runs after each failed try, as `run` runs commands; its success gives the datum up
 * without failing it.
 */
export async function recover(
  task: SessionTask,
  transform: CommandTransform,
  run: (task: SessionTask) => Promise<CommandOutcome>,
): Promise<Recovery> {
  const errors = errorTask(task, transform)
  if (errors === undefined) return 'again'
  const outcome = await run(errors)
  if (outcome.kind === 'aborted') return 'aborted'
  return outcome.kind === 'exited' && outcome.accepted ? 'recovered' : 'again'
}

function errorTask(task: SessionTask, transform: CommandTransform): SessionTask | undefined {
  const [program, ...args] = transform.errCmd ?? []
  if (program === undefined) return undefined
  const { stdin: _, acceptReturnCodes: __, ...rest } = task
  const stdin = transform.errStdin === undefined ? {} : { stdin: transform.errStdin }
  return { ...rest, argv: [program, ...args], ...stdin }
}
