import { isVarveError } from '../model/index.ts'
import type { JobInfo, RunEvent } from '../jobs/index.ts'
import { openInTurn } from './open-in-turn.ts'
import { openVarve, type OpenOptions } from './open.ts'
import type { Varve } from './varve.ts'

type Where = Pick<OpenOptions, 'dir' | 'notice' | 'clock' | 'random'>

export interface WatchProjectRequest extends Where {
  readonly signal: AbortSignal
  /** Done before the first run, for example `varve.applyIfPresent()`. */
  readonly first?: (varve: Varve) => Promise<void>
  /** Nothing is due any more; the project is free for other writers. */
  readonly idle?: () => void
}

/**
 * Runs what is due, then what becomes due, until the signal. The project is open for writing only
 * while jobs run: between them others put files and change pipelines, and what that causes is run.
 */
export async function* watchProject(request: WatchProjectRequest): AsyncGenerator<RunEvent> {
  const { signal, first, idle, ...where } = request
  let prepare = first
  while (!signal.aborted) {
    const varve = await openToRun(where, signal)
    if (varve === undefined) return
    let left: readonly JobInfo[]
    try {
      await prepare?.(varve)
      prepare = undefined
      yield* varve.run({ signal })
      left = varve.jobs.list().filter(({ finishedAt }) => finishedAt === undefined)
    } finally {
      await varve.close()
    }
    idle?.()
    await untilDue(where, { left, signal })
  }
}

/** Undefined when the signal came while another was writing. */
async function openToRun(where: Where, signal: AbortSignal): Promise<Varve | undefined> {
  try {
    return await openInTurn({ ...where, givesWay: true, forAny: true, signal })
  } catch (error) {
    if (signal.aborted && isVarveError(error, 'STORE_LOCKED')) return undefined
    throw error
  }
}

async function untilDue(
  where: Where,
  request: { readonly left: readonly JobInfo[]; readonly signal: AbortSignal },
): Promise<void> {
  if (request.signal.aborted) return
  const reader = await openVarve({ ...where, mode: 'read' })
  try {
    await reader.untilDue(request)
  } finally {
    await reader.close()
  }
}
