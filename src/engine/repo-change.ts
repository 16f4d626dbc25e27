import type { Nouns } from '../repos/index.ts'
import type { DeclaredRepo } from './read-project-file.ts'

/** What makes a repo as it is declared; undefined when it is. */
export function repoChange(
  { repos }: Pick<Nouns, 'repos'>,
  { name, description }: DeclaredRepo,
): 'create' | 'update' | undefined {
  if (!repos.exists(name)) return 'create'
  return description === '' || repos.inspect(name).description === description
    ? undefined
    : 'update'
}
