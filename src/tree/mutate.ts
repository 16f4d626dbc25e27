import { digestFromBytes, EMPTY_TREE, type Digest } from '../model/index.ts'
import { LevelBuilder } from './build.ts'
import { Chunker } from './chunker.ts'
import { hasKey, keyBytes, lowerBound, sizeAt, upperBound, valueAt, weightAt } from './entries.ts'
import { encodeEdits, replacementEdits, type LevelEdits } from './level-edits.ts'
import { childEntryOf, writeNode, type ChildEntry } from './level-writer.ts'
import { loadRoot } from './node-loader.ts'
import { childDigest, lastKey, onlyChildOf, type TreeNode } from './node-reader.ts'
import { PathReader } from './path-reader.ts'
import type { NodeLoader, NodeSink, TreeEdit } from './types.ts'

/** Edits whose nodes are read at once: bounds memory, not the size of a batch. */
const window = 1024

/**
 * Applies edits, in any order, and returns the new root: the one `buildTree` would give for the
 * resulting entries. Reads and writes O(edits * log n) nodes. Deleting a key that is not there,
 * or putting what is there already, changes nothing.
 */
export async function mutateTree(
  loader: NodeLoader,
  root: Digest,
  edits: Iterable<TreeEdit>,
  sink: NodeSink,
): Promise<Digest> {
  let changes = encodeEdits(edits)
  if (changes.entries.count === 0) return root
  if (root === EMPTY_TREE) return buildFrom(0, putsOf(changes), sink)
  const tree = new PathReader(loader, await loadRoot(loader, root))
  const written = new WrittenNodes(sink)
  for (let level = 0; level < tree.root.level; level++) {
    const { removed, added } = await mutateLevel(tree, level, changes, written)
    changes = replacementEdits(removed, added)
    if (changes.entries.count === 0) return root
  }
  const { added } = await mutateLevel(tree, tree.root.level, changes, written)
  const [first, second] = added
  if (first === undefined) return EMPTY_TREE
  if (second !== undefined) return buildFrom(tree.root.level + 1, added, sink)
  return lowestRoot(loader, digestFromBytes(first.value), written)
}

interface Replacement {
  readonly removed: readonly ChildEntry[]
  readonly added: readonly ChildEntry[]
}

/** Rewrites the nodes of one level that the edits touch: old nodes and new, both in key order. */
async function mutateLevel(
  tree: PathReader,
  level: number,
  edits: LevelEdits,
  sink: NodeSink,
): Promise<Replacement> {
  const { entries } = edits
  const removed: ChildEntry[] = []
  const added: ChildEntry[] = []
  const chunker = new Chunker(level, (chunk) => added.push(writeNode(level, chunk, sink)))
  let next = 0
  let fetched = 0
  while (next < entries.count) {
    if (next >= fetched) {
      fetched = Math.min(next + window, entries.count)
      await tree.fetch(level, entries, { from: next, to: fetched })
    }
    // An old boundary is a boundary of the new level too, so each stretch of work starts at the
    // node of its first edit and ends where the end of an old node is one of a new node.
    let node: TreeNode | undefined = tree.find(level, keyBytes(entries, next))
    while (node !== undefined) {
      removed.push(childEntryOf(node))
      const end = tree.isLast(node) ? entries.count : upperBound(entries, lastKey(node), next)
      addEdited(node, edits, { from: next, to: end }, chunker)
      next = end
      node = chunker.isOpen ? await tree.after(node) : undefined
    }
    chunker.finish()
  }
  return { removed, added }
}

/** Adds the entries of a node with the edits `[from, to)` applied. */
function addEdited(
  node: TreeNode,
  { entries, deletes }: LevelEdits,
  range: { readonly from: number; readonly to: number },
  chunker: Chunker,
): void {
  let at = 0
  let weight = 0
  for (let i = range.from; i < range.to; i++) {
    const key = keyBytes(entries, i)
    const here = lowerBound(node, key, at)
    weight = chunker.addOld(node, at, here, weight)
    if (deletes[i] === 0) chunker.add(entries, i, i + 1)
    at = here
    if (!hasKey(node, here, key)) continue
    weight += weightAt(node, here)
    at++
  }
  chunker.addOld(node, at, node.count, weight)
}

function putsOf({ entries, deletes }: LevelEdits): ChildEntry[] {
  const puts: ChildEntry[] = []
  for (let i = 0; i < entries.count; i++) {
    if (deletes[i] !== 0) continue
    const key = keyBytes(entries, i)
    puts.push({ key, value: valueAt(entries, i), size: sizeAt(entries, i) })
  }
  return puts
}

function buildFrom(level: number, entries: readonly ChildEntry[], sink: NodeSink): Digest {
  const builder = new LevelBuilder(level, sink)
  for (const entry of entries) builder.addChild(entry)
  return builder.finish()
}

/** A root has two entries or is a leaf: goes down while a node leads to one child only. */
async function lowestRoot(loader: NodeLoader, top: Digest, written: WrittenNodes): Promise<Digest> {
  let root = top
  for (;;) {
    let below = written.onlyChild.get(root)
    if (below === undefined && !written.digests.has(root)) {
      const node = await loadRoot(loader, root)
      if (node.level > 0 && node.count === 1) below = childDigest(node, 0)
    }
    if (below === undefined) return root
    root = below
  }
}

/** Remembers what one mutation wrote, since the loader need not have it yet. */
class WrittenNodes implements NodeSink {
  readonly digests = new Set<Digest>()
  readonly onlyChild = new Map<Digest, Digest>()
  readonly #sink: NodeSink

  constructor(sink: NodeSink) {
    this.#sink = sink
  }

  add(digest: Digest, bytes: Uint8Array): void {
    this.digests.add(digest)
    const only = onlyChildOf(digest, bytes)
    if (only !== undefined) this.onlyChild.set(digest, only)
    this.#sink.add(digest, bytes)
  }
}
