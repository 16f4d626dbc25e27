import { compileGlob, type Glob } from '../glob/glob.ts'
import { expandKey } from '../glob/key-template.ts'
import type { LeafInput, TreePath } from '../types.ts'
import type { PlanContext, PlanNode, Side } from './plan-node.ts'
import type { Piece, Tuple, TupleChange } from './tuple.ts'

/** A pfs or cron input: one tuple for each match of its glob. */
export class LeafNode implements PlanNode {
  readonly leaf: LeafInput
  readonly #glob: Glob
  readonly #context: PlanContext
  readonly #keyed: boolean

  constructor(leaf: LeafInput, context: PlanContext) {
    this.leaf = leaf
    this.#glob = compileGlob(leaf.glob)
    this.#context = context
    this.#keyed = leaf.joinOn.includes('$') || leaf.groupBy.includes('$')
  }

  async *all(side: Side): AsyncIterable<readonly Tuple[]> {
    for await (const batch of this.#context.view(this.leaf, side).matches(this.#glob)) {
      yield batch.map((at) => [this.#piece(at)])
    }
  }

  async *changes(): AsyncIterable<readonly TupleChange[]> {
    if (this.unchanged()) return
    // A directory comes up once for each changed file below it; a path can be a file before and a
    // directory after.
    const seen = new Set<string>()
    const glob = this.#glob
    for await (const batch of this.#context.fileChanges(this.leaf, glob.prefix)) {
      const matches = batch.flatMap(({ path }) => glob.matchingAncestors(path))
      const paths = matches.filter((path) => seen.size !== seen.add(path).size)
      const changes = await this.#compare(paths)
      if (changes.length > 0) yield changes
    }
  }

  /** The pieces at some matching paths of the new commit; paths that are gone are left out. */
  async pieces(paths: readonly string[]): Promise<Piece[]> {
    const found = await this.#context.view(this.leaf, 'after').contentOf(paths)
    return found.flatMap((at) => (at === undefined ? [] : [this.#piece(at)]))
  }

  unchanged(): boolean {
    const before = this.#context.view(this.leaf, 'before').rootDigest
    return before === this.#context.view(this.leaf, 'after').rootDigest
  }

  async #compare(paths: readonly string[]): Promise<TupleChange[]> {
    const [before, after] = await Promise.all([
      this.#context.view(this.leaf, 'before').contentOf(paths),
      this.#context.view(this.leaf, 'after').contentOf(paths),
    ])
    const changes: TupleChange[] = []
    for (const at of paths.keys()) {
      const change = this.#change(before[at], after[at])
      if (change !== undefined) changes.push(change)
    }
    return changes
  }

  #change(before: TreePath | undefined, after: TreePath | undefined): TupleChange | undefined {
    if (after === undefined) {
      return before && { kind: 'remove', tuple: [this.#piece(before)] }
    }
    const piece = this.#piece(after)
    if (before === undefined) return { kind: 'add', tuple: [piece] }
    const isEqual = before.digest === after.digest && before.executable === after.executable
    if (this.leaf.reference || isEqual) return undefined
    return { kind: 'change', tuple: [piece], changed: [piece] }
  }

  #piece(at: TreePath): Piece {
    const { leaf } = this
    if (!this.#keyed) return { leaf, at, joinOn: leaf.joinOn, groupBy: leaf.groupBy }
    const captures = this.#glob.captures(at.path) ?? []
    return {
      leaf,
      at,
      joinOn: expandKey(leaf.joinOn, captures),
      groupBy: expandKey(leaf.groupBy, captures),
    }
  }
}
