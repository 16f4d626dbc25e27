import { checkName, isVarveError } from '../../model/index.ts'
import type { FaultPath, Walked } from './spec-walk.ts'

/** Reports a name that breaks the rules, at its place. */
export function checkedName(
  kind: Parameters<typeof checkName>[0],
  name: string,
  path: FaultPath,
  fault: Walked['fault'],
): void {
  try {
    checkName(kind, name)
  } catch (error) {
    if (!isVarveError(error)) throw error
    fault(path, `${error.message} ${error.next}`, { code: 'NAME_INVALID' })
  }
}
