import type { RunnerParts } from './command-runner.ts'
import type { TaskView } from './isolation.ts'
import type { CommandSession } from './types.ts'

export async function startSession(
  parts: RunnerParts,
  view: TaskView,
  signal: AbortSignal,
): Promise<CommandSession & { readonly ended: Promise<unknown> }> {
  throw new Error(`not yet: ${parts.isolation.kind} ${view.root} ${String(signal.aborted)}`)
}
