import { isVarveError, VarveError } from '../model/index.ts'

/** Result codes of SQLite (sqlite.org/rescode.html), without their extension. */
const corrupt = 11
const notADatabase = 26
const full = 13

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined
}

/** Runs something on the index and turns SQLite's errors into ours. */
export function indexError<T>(path: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    const code = resultCode(error)
    if (code === undefined || isVarveError(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    if (code === corrupt || code === notADatabase) {
      throw new VarveError('STORE_DAMAGED', {
        what: `The index ${path} is damaged: ${reason}.`,
        next: 'Run `varve reindex`: it is rebuilt from the segments and nothing is lost.',
        data: { path, part: 'index' },
        cause: error,
      })
    }
    throw new VarveError(code === full ? 'DISK_FULL' : 'IO_FAILED', {
      what: `The index ${path} could not be used: ${reason}.`,
      data: { path, part: 'index' },
      cause: error,
    })
  }
}
