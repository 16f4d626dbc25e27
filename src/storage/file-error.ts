import { isVarveError, VarveError } from '../model/index.ts'

const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

/** The system's code of an error ("ENOENT"), or undefined when the error is not the system's. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Turns an error of the operating system into one of ours that names the operation and the path. */
export function fileError(error: unknown, operation: string, path: string): VarveError {
  const code = systemCode(error)
  const reason = code ?? (error instanceof Error ? error.message : String(error))
  return new VarveError(fullCodes.has(code ?? '') ? 'DISK_FULL' : 'IO_FAILED', {
    what: `Could not ${operation} ${path}: ${reason}.`,
    data: { operation, path, reason },
    cause: error,
  })
}

/**
 * Whether something could not be made durable, a directory's entries included: what the system
 * still held may be gone, and asking again may answer "done" although it is not.
 */
export function isSyncFailure(error: unknown): boolean {
  return isVarveError(error) && error.data['operation'] === 'fsync'
}
