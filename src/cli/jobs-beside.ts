import type { Varve } from '../engine/index.ts'

/** Runs due jobs in the background of something else that writes to the same opened project. */
export interface JobsBeside {
  /** Starts a run when there are more commits than at the last one. */
  after(commits: number): void
  /** Waits for the last run, after a further one if there are commits it has not seen. */
  end(commits: number): Promise<void>
}

export function jobsBeside(varve: Varve, signal: AbortSignal): JobsBeside {
  let seen = 0
  let running: Promise<void> | undefined
  /** Thrown at the end: what fetches goes on meanwhile. */
  let fault: Error | undefined
  const after = (commits: number): void => {
    if (running !== undefined || commits <= seen) return
    seen = commits
    running = runAll(varve, signal)
      .catch((error: unknown) => {
        fault ??= error instanceof Error ? error : new Error(String(error))
      })
      .finally(() => (running = undefined))
  }
  return {
    after,
    end: async (commits) => {
      await running
      if (signal.aborted) return
      after(commits)
      await running
      if (fault !== undefined) throw fault
    },
  }
}

async function runAll(varve: Varve, signal: AbortSignal): Promise<void> {
  for await (const _ of varve.run({ signal }));
}
