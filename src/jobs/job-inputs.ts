import type { Digest } from '../model/index.ts'
import { leafInputs, type DatumInput } from '../pipelines/index.ts'
import type { CommitInfo, Nouns } from '../repos/index.ts'
import { invariant } from '../util/index.ts'
import type { PipelineDoc } from './ops.ts'
import type { JobInfo } from './types.ts'

type LeafName = Pick<DatumInput, 'name' | 'project' | 'repo' | 'branch'>

/** The file tree each input of a job reads, found by what leaves and datum inputs have in common. */
export interface InputRoots {
  /** Undefined when the commit was removed since. */
  of(leaf: LeafName): Digest | undefined
}

/** `roots` that must be there: while a job runs, garbage collection is kept away. */
export function requireRoot(roots: InputRoots, leaf: LeafName): Digest {
  const root = roots.of(leaf)
  invariant(root !== undefined, `input "${leaf.name}" of a running job has no commit`)
  return root
}

export function inputRoots(
  store: Pick<Nouns, 'commits'>,
  pipeline: PipelineDoc,
  job: JobInfo,
): InputRoots {
  const roots = new Map<string, Digest>()
  leafInputs(pipeline.spec.input).forEach((leaf, place) => {
    const source = pipeline.sources[place]
    if (source === undefined) return
    const commit = inputCommit(store, job, source)
    if (commit !== undefined) roots.set(nameOf(leaf), commit.files)
  })
  return { of: (leaf) => roots.get(nameOf(leaf)) }
}

/** The commits a job reads, each once; undefined where one was removed since. */
export function inputCommits(
  store: Pick<Nouns, 'commits'>,
  job: JobInfo,
): (CommitInfo | undefined)[] {
  const keys = new Map(job.inputs.map(({ repo, id }) => [`${repo}@${id}`, { repo, id }]))
  return [...keys.values()].map((key) => store.commits.find(key))
}

function inputCommit(
  store: Pick<Nouns, 'commits'>,
  job: JobInfo,
  source: { readonly repo: string; readonly branch: string },
): CommitInfo | undefined {
  const input = job.inputs.find(
    ({ repo, branch }) => repo === source.repo && branch === source.branch,
  )
  return input === undefined ? undefined : store.commits.find({ repo: input.repo, id: input.id })
}

const nameOf = ({ name, project, repo, branch }: LeafName): string =>
  JSON.stringify([name, project, repo, branch])
