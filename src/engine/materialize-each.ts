import type { MaterializeReport } from '../materialize/index.ts'
import type { MaterializeRequest, Varve } from './varve.ts'

type BranchRequest = MaterializeRequest & { readonly commit: string }

/**
 * Materializes a branch, and again after commits of it have finished, until the signal aborts.
 * Commits that finish meanwhile are taken together; shards that stay the same are kept.
 */
export async function* materializeEach(
  varve: Varve,
  request: BranchRequest,
): AsyncGenerator<MaterializeReport> {
  let done: string | undefined
  while (await hasGrown(varve, request, done)) {
    const report = await varve.materialize(request)
    yield report
    done = report.commit
  }
}

/** Waits for a commit of the branch that finishes after the one that is done; false once aborted. */
async function hasGrown(
  varve: Varve,
  { commit: branch, signal }: BranchRequest,
  done: string | undefined,
): Promise<boolean> {
  const options = {
    ...(signal === undefined ? {} : { signal }),
    ...(done === undefined ? {} : { from: done }),
  }
  for await (const { id } of varve.subscribe(branch, options)) if (id !== done) return true
  return false
}
