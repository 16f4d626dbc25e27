import { VarveError } from '../model/index.ts'
import type { OperatorFile } from './operator.ts'

/** The error of an operator that cannot take a file; `reason` is a stable word to branch on. */
export function inputRefused(
  file: Pick<OperatorFile, 'input' | 'path'>,
  reason: string,
  detail: string,
): VarveError {
  return new VarveError('INPUT_REFUSED', {
    what: `/pfs/${file.input}/${file.path} was refused (${reason}): ${detail}`,
    data: { input: file.input, path: file.path, reason },
  })
}
