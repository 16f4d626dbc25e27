import { VarveError } from '../../model/index.ts'
import type { RepoKey } from '../types/values.ts'
import { repoKey } from './repo-key.ts'

/** Steps behind a name: back from it (`^`, `~`, `^3`), or forward from the branch's start (`.n`). */
type Ancestry =
  | { readonly kind: 'back'; readonly steps: number }
  | { readonly kind: 'from start'; readonly number: number }

export interface CommitName {
  readonly repo: RepoKey
  /** A branch, a tag or a commit id. */
  readonly name: string
  /** The id behind `=`: the commit of that id on the branch. */
  readonly id: string | undefined
  readonly ancestry: Ancestry
}

const whole = /^([^@]+)@([^@^~=]+?)(?:=([^@^~=.]+))?((?:[\^~][0-9]*)*|\.[0-9]+)$/u

/** Reads `[project/]repo[.type]@branch-or-id[=id][ancestry]`; kinds of ancestry do not mix. */
export function parseCommitName(text: string): CommitName {
  const [, repo, name, id, ancestry] = whole.exec(text) ?? []
  if (repo === undefined || name === undefined) {
    throw new VarveError('NAME_INVALID', {
      what: `"${text}" does not name a commit.`,
      next: 'Write REPO@BRANCH or REPO@ID, with ^, ^3 or .3 behind it for other commits.',
      data: { name: text },
    })
  }
  return { repo: repoKey(repo), name, id, ancestry: parseAncestry(ancestry ?? '') }
}

function parseAncestry(text: string): Ancestry {
  if (text.startsWith('.')) return { kind: 'from start', number: Number(text.slice(1)) }
  let steps = 0
  for (const [, digits] of text.matchAll(/[\^~]([0-9]*)/g)) {
    steps += digits === '' ? 1 : Number(digits)
  }
  return { kind: 'back', steps }
}

export interface FileName {
  readonly commit: string
  readonly path: string
}

/** Splits `repo@commit:path`; without a colon the path is the root. */
export function parseFileName(text: string): FileName {
  const colon = text.indexOf(':')
  if (colon < 0) return { commit: text, path: '' }
  return { commit: text.slice(0, colon), path: text.slice(colon + 1) }
}
