import type { MaterializeReport } from '../materialize/index.ts'
import type { CommitInfo } from '../repos/index.ts'
import type { MaterializeRequest, Varve } from './varve.ts'

type BranchRequest = MaterializeRequest & { readonly commit: string }

/**
 * Materializes a branch, and again after commits of it have finished, until the signal aborts.
 * Commits that finish meanwhile are taken together, those that failed are passed over; shards that
 * stay the same are kept.
 */
export async function* materializeEach(
  varve: Varve,
  request: BranchRequest,
): AsyncGenerator<MaterializeReport> {
  let done: CommitInfo | undefined
  while ((done = await nextContent(varve, request, done)) !== undefined) {
    yield await varve.materialize({ ...request, commit: `${done.repo}@${done.id}` })
  }
}

/** Waits until the branch shows another commit than the one that is done; undefined once aborted. */
async function nextContent(
  varve: Varve,
  { commit: branch, signal }: BranchRequest,
  done: CommitInfo | undefined,
): Promise<CommitInfo | undefined> {
  const options = {
    ...(signal === undefined ? {} : { signal }),
    ...(done === undefined ? {} : { from: done.id }),
  }
  for await (const _ of varve.subscribe(branch, options)) {
    const shown = contentOf(varve, branch)
    if (shown !== undefined && shown.id !== done?.id) return shown
  }
  return undefined
}

/** What readers of the branch see: its head, or the last good commit where that is open or failed. */
function contentOf({ commits }: Varve, branch: string): CommitInfo | undefined {
  const head = commits.find(branch)
  if (head === undefined) return undefined
  const isGood = head.state === 'finished' && head.error === undefined
  return isGood ? head : commits.lastGood(head)
}
