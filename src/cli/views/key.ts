import type { RepoKey, RepoType } from '../../engine/index.ts'

export interface KeyParts {
  readonly project: string
  readonly name: string
  readonly type: RepoType
}

/** `project/name[.meta|.spec]` in its parts. */
export function keyParts(key: string): KeyParts {
  const slash = key.indexOf('/')
  const project = slash < 0 ? 'default' : key.slice(0, slash)
  const rest = key.slice(slash + 1)
  const typed = /^(.+)\.(meta|spec)$/.exec(rest)
  if (typed === null) return { project, name: rest, type: 'user' }
  return { project, name: typed[1] ?? rest, type: typed[2] === 'meta' ? 'meta' : 'spec' }
}

/** As a person says it: the project `default` goes without saying. */
export function shortKey(key: RepoKey | string): string {
  return key.startsWith('default/') ? key.slice('default/'.length) : key
}
