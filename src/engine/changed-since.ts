import { digestOf, type Digest } from '../model/index.ts'
import type { PipelineSpec } from '../pipelines/index.ts'
import { lastDeclared } from './applied-mark.ts'
import type { Machinery } from './machinery.ts'
import type { DeclaredProject, DeclaredRepo } from './read-project-file.ts'
import { repoChange } from './repo-change.ts'

type Declared = Pick<DeclaredProject, 'repos' | 'pipelines'>

/** Of each thing a project file declares, by its kind and name. */
export function digestsOf({ repos, pipelines }: Declared): Record<string, Digest> {
  return Object.fromEntries([
    ...repos.map((repo) => [keyOfRepo(repo), digestOf(repo.description)] as const),
    ...pipelines.map((spec) => [keyOf(spec), digestOf(JSON.stringify(spec))] as const),
  ])
}

/**
 * What the file declares, without what is otherwise in the store although the file says the same as
 * when it was applied: another command changed it, and it is not for a run to take that back.
 */
export function withoutChanged(
  machinery: Machinery,
  { repos, pipelines }: Declared,
  digests: Readonly<Record<string, Digest>>,
): Declared & { readonly left: readonly string[] } {
  const before = lastDeclared(machinery)
  const isEdited = (key: string): boolean => key in before && before[key] !== digests[key]
  const left: string[] = []
  const goesOn = (isUpdate: boolean, key: string): boolean => {
    if (!isUpdate || isEdited(key)) return true
    left.push(
      `The ${key} is not as the project file declares it, because another command changed it; it is left so. \`varve apply\` goes back to the file.`,
    )
    return false
  }
  return {
    repos: repos.filter((repo) =>
      goesOn(repoChange(machinery.store, repo) === 'update', keyOfRepo(repo)),
    ),
    pipelines: pipelines.filter((spec) =>
      goesOn(machinery.pipelines.wouldApply(spec) === 'updated', keyOf(spec)),
    ),
    left,
  }
}

const keyOfRepo = ({ name }: DeclaredRepo): string => `repo "${name}"`

const keyOf = ({ project, name }: PipelineSpec): string =>
  `pipeline "${project === 'default' ? '' : `${project}/`}${name}"`
