import { VarveError } from '../model/index.ts'
import { messageOf, sqliteFault } from '../util/index.ts'

/** Runs something on the index and turns SQLite's errors into ours. */
export function indexError<T>(path: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw asIndexError(path, error)
  }
}

/** An error of SQLite as one of ours; any other as it is. */
export function asIndexError(path: string, error: unknown): unknown {
  const fault = sqliteFault(error)
  if (fault === undefined) return error
  const reason = messageOf(error)
  const data = { path, part: 'index' }
  if (fault === 'damaged') {
    return new VarveError('STORE_DAMAGED', {
      what: `The index ${path} is damaged: ${reason}.`,
      next: 'Run `varve reindex`: it is rebuilt from the segments and nothing is lost.',
      data,
      cause: error,
    })
  }
  return new VarveError(fault === 'full' ? 'DISK_FULL' : 'IO_FAILED', {
    what: `The index ${path} could not be used: ${reason}.`,
    data,
    cause: error,
  })
}
