import { fileError, isVarveError } from '../../model/index.ts'
import { systemCode } from '../../util/index.ts'

const whenFull = 'Free some space and run the command again: whole shards are kept.'

/** An error of the system as one of ours, naming the file; others, ours among them, pass. */
export function fileFault(error: unknown, operation: string, path: string): unknown {
  if (isVarveError(error) || systemCode(error) === undefined) return error
  return fileError(error, operation, path, whenFull)
}
