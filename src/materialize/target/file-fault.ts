import { isVarveError, VarveError } from '../../model/index.ts'

const fullCodes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

/** The system's code of an error ("ENOENT"); undefined when the error is not the system's. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** An error of the system as one of ours, naming the file; errors that are ours already pass. */
export function fileFault(error: unknown, operation: string, path: string): unknown {
  const reason = systemCode(error)
  if (reason === undefined || isVarveError(error)) return error
  const full = fullCodes.has(reason)
  return new VarveError(full ? 'DISK_FULL' : 'IO_FAILED', {
    what: `Could not ${operation} ${path}: ${reason}.`,
    data: { operation, path, reason },
    cause: error,
    ...(full && { next: 'Free some space and run the command again: whole shards are kept.' }),
  })
}
