import { setTimeout as sleep } from 'node:timers/promises'
import { isVarveError, type VarveError } from '../model/index.ts'
import { openVarve, type OpenOptions } from './open.ts'
import type { Varve } from './varve.ts'

/** How often somebody who waits for the lock asks for it. */
const askMs = 50
/** How often a writer without a name is asked for: it says its name a moment after it took the lock. */
const namelessAsks = 20

export interface TurnOptions extends OpenOptions {
  /** Gives up: the answer is then the last `STORE_LOCKED`. */
  readonly signal: AbortSignal
  /** Hears once whom it waits for. */
  readonly waiting?: (locked: VarveError) => void
  /** Waits for any writer instead of only one that gives way by itself, as `run --watch` does. */
  readonly forAny?: boolean
}

/**
 * As `openVarve` for writing, but waits its turn. @throws STORE_LOCKED when the signal comes first,
 * or at once when the writer does not give way.
 */
export async function openInTurn(options: TurnOptions): Promise<Varve> {
  const { signal, waiting, forAny = false, ...rest } = options
  let told = false
  for (let asks = 1; ; asks += 1) {
    try {
      return await openVarve({ ...rest, mode: 'write' })
    } catch (error) {
      if (!isVarveError(error, 'STORE_LOCKED') || signal.aborted) throw error
      const owner = ownerIn(error)
      const isNameless = owner === undefined && asks < namelessAsks
      if (!forAny && owner?.givesWay !== true && !isNameless) throw error
      if (!told && !isNameless) waiting?.(error)
      told ||= !isNameless
    }
    await sleep(askMs, undefined, { signal }).catch(() => undefined)
  }
}

function ownerIn({ data }: VarveError): { readonly givesWay?: boolean } | undefined {
  return (data as { owner?: { readonly givesWay?: boolean } }).owner
}
