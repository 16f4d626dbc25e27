import { VarveError } from './errors.ts'

/** Projects, repos, branches, pipelines and tags: letters, digits, "-", "_" and ".", in any script. */
const nameRule = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}_.-]*$/u

export function checkName(
  kind: 'project' | 'repo' | 'branch' | 'pipeline' | 'tag' | 'input',
  name: string,
): string {
  if (nameRule.test(name) && !name.endsWith('.') && name.length <= 128) return name
  throw new VarveError('NAME_INVALID', {
    what: `"${name}" cannot name a ${kind}.`,
    data: { kind, name },
  })
}
