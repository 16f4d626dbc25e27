import { checkName, VarveError } from '../../model/index.ts'
import type { RepoKey, RepoRef, RepoType } from '../types/values.ts'

export const defaultProject = 'default'

interface RepoParts {
  readonly project: string
  readonly name: string
  readonly type: RepoType
}

const types: readonly RepoType[] = ['user', 'meta', 'spec']

/** Reads `[project/]repo[.type]`; only the three known types count as one, so `v1.2` is a name. */
export function parseRepo(text: RepoRef): RepoParts {
  const slash = text.indexOf('/')
  const project = slash < 0 ? defaultProject : text.slice(0, slash)
  const rest = slash < 0 ? text : text.slice(slash + 1)
  const type = types.find((candidate) => rest.endsWith(`.${candidate}`)) ?? 'user'
  const name = rest.endsWith(`.${type}`) ? rest.slice(0, -type.length - 1) : rest
  if (rest.includes('/') || rest.includes('@')) {
    throw new VarveError('NAME_INVALID', {
      what: `"${text}" is not of the form [project/]repo[.type].`,
      data: { kind: 'repo', name: text },
    })
  }
  return { project: checkName('project', project), name: checkName('repo', name), type }
}

export function repoKey(text: RepoRef): RepoKey {
  const { project, name, type } = parseRepo(text)
  return `${project}/${name}${type === 'user' ? '' : `.${type}`}` as RepoKey
}

/** A repo as users write it: without the default project. */
export function showRepo(repo: RepoKey): string {
  return repo.startsWith(`${defaultProject}/`) ? repo.slice(defaultProject.length + 1) : repo
}

/** All repos of a name: deleting the user repo takes its meta and spec repos along. */
export function siblingRepos(repo: RepoKey): readonly RepoKey[] {
  const { project, name, type } = parseRepo(repo)
  if (type !== 'user') return [repo]
  return types.map((each) => repoKey(`${project}/${name}.${each}`))
}
