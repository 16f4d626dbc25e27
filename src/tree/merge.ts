import { comparePaths, type Digest } from '../model/index.ts'
import { diffTrees } from './diff.ts'
import { mutateTree } from './mutate.ts'
import type {
  NodeLoader,
  NodeSink,
  TreeChange,
  TreeConflict,
  TreeEdit,
  TreeEntry,
} from './types.ts'

export interface MergeSides {
  readonly base: Digest
  readonly ours: Digest
  readonly theirs: Digest
}

export interface TreeMerge {
  /** The merged tree; at keys in conflict it holds what `ours` holds. */
  readonly root: Digest
  /** Keys both sides changed to different ends, in key order. */
  readonly conflicts: readonly TreeConflict[]
}

/** Three-way merge, key by key: what only one side changed is taken, what both changed alike too. */
export async function mergeTrees(
  loader: NodeLoader,
  { base, ours, theirs }: MergeSides,
  sink: NodeSink,
): Promise<TreeMerge> {
  if (ours === theirs || theirs === base) return { root: ours, conflicts: [] }
  if (ours === base) return { root: theirs, conflicts: [] }
  const edits: TreeEdit[] = []
  const conflicts: TreeConflict[] = []
  const own = new ChangeCursor(diffTrees(loader, base, ours))
  for await (const batch of diffTrees(loader, base, theirs)) {
    const rivals = await own.upTo(batch.at(-1)?.key ?? '')
    for (const change of batch) {
      const rival = rivals.get(change.key)
      if (rival === undefined) edits.push({ key: change.key, entry: change.after })
      else if (!sameEntry(rival.after, change.after)) conflicts.push(conflictOf(rival, change))
    }
  }
  return { root: await mutateTree(loader, ours, edits, sink), conflicts }
}

/** Hands out a stream of change batches in stretches of keys. */
class ChangeCursor {
  readonly #batches: AsyncIterator<readonly TreeChange[]>
  #batch: readonly TreeChange[] | undefined = []
  #next = 0

  constructor(changes: AsyncIterable<readonly TreeChange[]>) {
    this.#batches = changes[Symbol.asyncIterator]()
  }

  /** The changes not handed out yet whose keys are not behind `key`. */
  async upTo(key: string): Promise<ReadonlyMap<string, TreeChange>> {
    const taken = new Map<string, TreeChange>()
    while (this.#batch !== undefined) {
      for (; this.#next < this.#batch.length; this.#next++) {
        const change = this.#batch[this.#next]
        if (change === undefined || comparePaths(change.key, key) > 0) return taken
        taken.set(change.key, change)
      }
      const result = await this.#batches.next()
      this.#batch = result.done === true ? undefined : result.value
      this.#next = 0
    }
    return taken
  }
}

function sameEntry(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.size === b.size && Buffer.compare(a.value, b.value) === 0
}

function conflictOf(ours: TreeChange, theirs: TreeChange): TreeConflict {
  return {
    key: ours.key,
    ...(ours.before === undefined ? {} : { base: ours.before }),
    ...(ours.after === undefined ? {} : { ours: ours.after }),
    ...(theirs.after === undefined ? {} : { theirs: theirs.after }),
  }
}
