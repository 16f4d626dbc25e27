import type { Varve } from '../engine/index.ts'
import { isVarveError, VarveError } from '../model/index.ts'
import { nearest } from '../util/index.ts'
import { shortKey } from './views/key.ts'

/** An error about a name nobody knows, with the nearest name there is; any other as it came. */
export function withNearestName(error: unknown, varve: Varve | undefined): unknown {
  if (varve === undefined || !isVarveError(error)) return error
  const typed = typedName(error)
  if (typed === undefined) return error
  const near = nearest(typed, knownNames(error, varve))
  if (near === undefined || near === typed) return error
  return new VarveError(error.code, {
    what: `${error.message} Did you mean "${near}"?`,
    next: error.next,
    data: { ...error.data, nearest: near },
    cause: error,
  })
}

function typedName({ code, data }: VarveError): string | undefined {
  const kinds: Partial<Record<VarveError['code'], string>> = {
    REPO_NOT_FOUND: 'repo',
    BRANCH_NOT_FOUND: 'branch',
    PIPELINE_NOT_FOUND: 'pipeline',
  }
  const name = data[kinds[code] ?? '']
  return typeof name === 'string' ? shortKey(name) : undefined
}

function knownNames({ code, data }: VarveError, varve: Varve): string[] {
  if (code === 'PIPELINE_NOT_FOUND') return varve.pipelines.list().map(({ key }) => shortKey(key))
  const repos = varve.repos.list()
  if (code === 'REPO_NOT_FOUND') return repos.map(({ repo }) => shortKey(repo))
  return repos.find(({ repo }) => repo === data['repo'])?.branches.slice() ?? []
}
