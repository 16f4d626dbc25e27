import { VarveError } from '../model/index.ts'

/** `repo@branch:path` in its parts; the path is undefined when there is no ":". */
export interface FileReference {
  readonly commit: string
  readonly path: string | undefined
}

/**
 * Reads `[project/]repo[@branch-or-commit][:path]`. Without "@" the branch is `master`. Names hold
 * no ":", so the first one starts the path, which may hold more of them.
 */
export function fileReference(text: string, project?: string): FileReference {
  const colon = text.indexOf(':')
  const commit = colon < 0 ? text : text.slice(0, colon)
  const path = colon < 0 ? undefined : text.slice(colon + 1)
  return { commit: commitReference(commit, project), path }
}

/** As `fileReference`, where a path must be named. */
export function fileReferenceWithPath(
  text: string,
  project?: string,
): { readonly commit: string; readonly path: string } {
  const { commit, path } = fileReference(text, project)
  if (path !== undefined) return { commit, path }
  throw new VarveError('USAGE', {
    what: `"${text}" names no path.`,
    next: `Write it as ${commit}:PATH.`,
    data: { reference: text },
  })
}

export function commitReference(text: string, project?: string): string {
  if (text === '' || text.startsWith('@')) {
    throw new VarveError('USAGE', {
      what: `"${text}" names no repo.`,
      next: 'Write it as REPO@BRANCH.',
      data: { reference: text },
    })
  }
  const whole = text.includes('@') ? text : `${text}@master`
  return inProject(whole, project)
}

/** Puts a name into the project asked for, unless it names one itself. */
export function inProject(name: string, project: string | undefined): string {
  const slash = name.indexOf('/')
  return project === undefined || slash >= 0 ? name : `${project}/${name}`
}

/** A repo named alone, or with a branch that tells which commits are meant. */
export function repoAndBranch(
  text: string,
  project?: string,
): { readonly repo: string; readonly branch: string | undefined } {
  const at = text.indexOf('@')
  if (at < 0) return { repo: inProject(text, project), branch: undefined }
  return { repo: inProject(text.slice(0, at), project), branch: text.slice(at + 1) }
}
