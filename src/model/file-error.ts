import { isDiskFull, messageOf, systemCode } from '../util/index.ts'
import { VarveError } from './errors.ts'

/**
 * Turns an error of the operating system into one of ours that names the operation and the path.
 * @param whenFull what to do next where room is what was missing; the catalogue's advice if left out
 */
export function fileError(
  error: unknown,
  operation: string,
  path: string,
  whenFull?: string,
): VarveError {
  const reason = systemCode(error) ?? messageOf(error)
  const isFull = isDiskFull(error)
  return new VarveError(isFull ? 'DISK_FULL' : 'IO_FAILED', {
    what: `Could not ${operation} ${path}: ${reason}.`,
    data: { operation, path, reason },
    cause: error,
    ...(isFull && whenFull !== undefined && { next: whenFull }),
  })
}
