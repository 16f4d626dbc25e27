import { comparePaths, digestOf, type Digest } from '../../model/index.ts'
import type { DatumInput } from '../types.ts'

type Identity = Pick<DatumInput, 'name' | 'project' | 'repo' | 'branch' | 'path'>
type Content = Identity &
  Pick<DatumInput, 'joinOn' | 'groupBy' | 'digest' | 'executable' | 'emptyFiles' | 'reference'>

/** The order of the inputs of a datum, so that the order of a spec does not matter. */
export function compareInputs(a: Identity, b: Identity): number {
  return (
    comparePaths(a.name, b.name) ||
    comparePaths(a.project, b.project) ||
    comparePaths(a.repo, b.repo) ||
    comparePaths(a.branch, b.branch) ||
    comparePaths(a.path, b.path)
  )
}

/**
 * Names a datum across commits. `inputs` must be in the order of `compareInputs`.
 * Content takes no part: a file that changes stays the same datum, which is then run again.
 */
export function datumId(inputs: readonly Identity[]): Digest {
  return digestOf(
    JSON.stringify([
      // Tells this hash from every other one, and lets the recipe change one day.
      'datum/1',
      ...inputs.map((input) => [
        // Two inputs of one repo are told apart by name only.
        input.name,
        // A file of the same path in another repo, or on another branch, is another datum.
        input.project,
        input.repo,
        input.branch,
        // Which match of the glob it is.
        input.path,
      ]),
    ]),
  )
}

/**
 * Equal for two datums of one id exactly when the second need not run: what `skipped` means.
 */
export function datumContent(id: Digest, inputs: readonly Content[]): Digest {
  return digestOf(
    JSON.stringify([
      'content/1',
      // The paths are in the id.
      id,
      ...inputs.map((input) => [
        // A reference input promises that a new content alone does not matter.
        input.reference ? '' : input.digest,
        // The transform sees its keys in the environment, and a changed spec can change them.
        input.joinOn,
        input.groupBy,
        // The same file, but the transform finds nothing in it.
        input.emptyFiles,
        ...(input.reference ? [] : mark(input)),
        // `lazy` takes no part: it changes when bytes come, not which.
      ]),
    ]),
  )
}

/**
 * The key of the datum cache: equal keys, equal outputs, whichever pipeline, branch or job asks.
 * `fingerprint` is that of the transform.
 */
export function datumCacheKey(fingerprint: Digest, inputs: readonly Content[]): Digest {
  return digestOf(
    JSON.stringify([
      'cache/1',
      // What is done to the files.
      fingerprint,
      ...inputs.map((input) => [
        // Name and path are visible as /pfs/<name>/<path>; repo, branch and project are not.
        input.name,
        input.path,
        // Unlike in `datumContent`, reference inputs count: a result is only borrowed from a run
        // that saw the same bytes.
        input.digest,
        input.joinOn,
        input.groupBy,
        input.emptyFiles,
        ...mark(input),
      ]),
    ]),
  )
}

/** Only of executable files, so that all others keep the hashes of before the bit counted. */
function mark({ executable }: Pick<Content, 'executable'>): readonly 'executable'[] {
  return executable === true ? ['executable'] : []
}
