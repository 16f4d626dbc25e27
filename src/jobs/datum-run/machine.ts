import type { Sandbox } from '../../sandbox/index.ts'
import type { CommandFacts } from './command-task.ts'
import type { OperatorExecutor } from './operator-runner.ts'

/** What runs datums on this machine; the engine chooses. */
export interface Machine {
  readonly operators: OperatorExecutor
  readonly sandbox: Sandbox
  /** Folder for inputs and outputs of commands; safe to delete when nothing runs. */
  readonly scratch: string
  /** Commands at a time over all jobs that do not ask for a number of their own. */
  readonly cores: number
  readonly commands: CommandFacts
}
