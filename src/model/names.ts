import { VarveError } from './errors.ts'

/** Projects, repos, branches, pipelines and tags: letters, digits, "-", "_" and ".", in any script. */
const nameRule = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}_.-]*$/u

const longest = 128

export function checkName(
  kind: 'project' | 'repo' | 'branch' | 'pipeline' | 'tag' | 'input',
  name: string,
): string {
  if (nameRule.test(name) && !name.endsWith('.') && name.length <= longest) return name
  throw new VarveError('NAME_INVALID', {
    what:
      name.length > longest
        ? `"${name.slice(0, 20)}…" is too long to name a ${kind}: ${name.length} characters.`
        : `${JSON.stringify(name)} cannot name a ${kind}.`,
    ...(name.length > longest ? { next: `Use at most ${longest} characters.` } : {}),
    data: { kind, name },
  })
}
