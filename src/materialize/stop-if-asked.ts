import { VarveError } from '../model/index.ts'

/** Throws `INTERRUPTED` when the caller gave up. */
export function stopIfAsked(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return
  throw new VarveError('INTERRUPTED', {
    what: 'Materializing was interrupted; whole shards are kept.',
    cause: signal.reason,
  })
}
