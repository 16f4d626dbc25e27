import type { MaterializeReport } from '../materialize/index.ts'
import type { CommitInfo, Commits } from '../repos/index.ts'

interface BranchRequest {
  readonly commit: string
  readonly signal?: AbortSignal
}

/** What of an opened project is needed to follow a branch. */
interface Followed<Request> {
  readonly commits: Commits
  subscribe(
    branch: string,
    options: { signal?: AbortSignal; from?: string },
  ): AsyncIterable<unknown>
  materialize(request: Request): Promise<MaterializeReport>
}

/**
 * Materializes a branch, and again after commits of it have finished, until the signal aborts.
 * Commits that finish meanwhile are taken together, those that failed are passed over; shards that
 * stay the same are kept.
 */
export async function* materializeEach<Request extends BranchRequest>(
  varve: Followed<Request>,
  request: Request,
): AsyncGenerator<MaterializeReport> {
  let done: CommitInfo | undefined
  while ((done = await nextContent(varve, request, done)) !== undefined) {
    yield await varve.materialize({ ...request, commit: `${done.repo}@${done.id}` })
  }
}

/** Waits until the branch shows another commit than the one that is done; undefined once aborted. */
async function nextContent(
  varve: Followed<never>,
  { commit: branch, signal }: BranchRequest,
  done: CommitInfo | undefined,
): Promise<CommitInfo | undefined> {
  const options = {
    ...(signal === undefined ? {} : { signal }),
    // A commit that was squashed meanwhile marks no place any more.
    ...(done !== undefined && isThere(varve, done) && { from: done.id }),
  }
  for await (const _ of varve.subscribe(branch, options)) {
    const shown = contentOf(varve, branch)
    if (shown !== undefined && shown.id !== done?.id) return shown
  }
  return undefined
}

function isThere({ commits }: Followed<never>, { repo, id }: CommitInfo): boolean {
  return commits.find(`${repo}@${id}`) !== undefined
}

/** What readers of the branch see: its head, or the last good commit where that is open or failed. */
function contentOf({ commits }: Followed<never>, branch: string): CommitInfo | undefined {
  const head = commits.find(branch)
  if (head === undefined) return undefined
  const isGood = head.state === 'finished' && head.error === undefined
  return isGood ? head : commits.lastGood(head)
}
