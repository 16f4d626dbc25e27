import { digestOf } from './digest.ts'
import { VarveError } from './errors.ts'

type NameKind = 'project' | 'repo' | 'branch' | 'pipeline' | 'tag' | 'input'

/** Projects, repos, branches, pipelines and tags: letters, digits, "-", "_" and ".", in any script. */
const nameRule = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}_.-]*$/u

const longest = 128
/** Of one part of a path, on every file system in common use. */
const longestFileName = 255
/** Leaves room for what stands around a name. */
const longestStem = 200

export function checkName(kind: NameKind, name: string): string {
  const tooLong = lengthFault(kind, name)
  if (tooLong === undefined && nameRule.test(name) && !name.endsWith('.')) return name
  throw new VarveError('NAME_INVALID', {
    what:
      tooLong === undefined
        ? `${JSON.stringify(name)} cannot name a ${kind}.`
        : `"${name.slice(0, 20)}…" is too long for the name of ${kind === 'input' ? 'an' : 'a'} ${kind}: ${tooLong.is}.`,
    ...(tooLong && { next: `Use at most ${tooLong.most}.` }),
    data: { kind, name },
  })
}

function lengthFault(kind: NameKind, name: string): { is: string; most: string } | undefined {
  if (name.length > longest) {
    return { is: `${name.length} characters`, most: `${longest} characters` }
  }
  // A command sees its inputs as folders of these names; other names never are those of files.
  const bytes = kind === 'input' ? Buffer.byteLength(name) : 0
  if (bytes <= longestFileName) return undefined
  return { is: `${bytes} bytes, as a folder`, most: `${longestFileName} bytes of UTF-8` }
}

/** What a file that belongs to a name is called: the name escaped, or where that is too long its digest. */
export function fileNameOf(name: string): string {
  const escaped = encodeURIComponent(name)
  return escaped.length <= longestStem ? escaped : digestOf(name)
}
