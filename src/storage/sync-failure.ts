import { isVarveError } from '../model/index.ts'

/**
 * Whether something could not be made durable, a directory's entries included: what the system
 * still held may be gone, and asking again may answer "done" although it is not.
 */
export function isSyncFailure(error: unknown): boolean {
  return isVarveError(error) && error.data['operation'] === 'fsync'
}
