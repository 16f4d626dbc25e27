import { digestFromBytes, EMPTY_TREE, type Digest } from '../model/index.ts'
import { invariant } from '../util/index.ts'
import { Chunker, type Chunk } from './chunker.ts'
import { compareEntryKeys, hasKey, lowerBound, noBytes } from './entries.ts'
import { EntryArena } from './entry-arena.ts'
import { writeNode, type ChildEntry } from './level-writer.ts'
import type { NodeSink, TreeEntry } from './types.ts'

/**
 * Builds the tree of some entries in one pass, in memory of a few nodes, and returns its root.
 * @param entries in strictly ascending key order, or batches of them
 */
export async function buildTree(
  entries: Iterable<TreeEntry> | AsyncIterable<readonly TreeEntry[]>,
  sink: NodeSink,
): Promise<Digest> {
  const builder = new LevelBuilder(0, sink)
  if (Symbol.iterator in entries) {
    for (const entry of entries) builder.addEntry(entry)
  } else {
    for await (const batch of entries) for (const entry of batch) builder.addEntry(entry)
  }
  return builder.finish()
}

/** One level under construction. The level above it starts with its second node. */
export class LevelBuilder {
  readonly #level: number
  readonly #sink: NodeSink
  readonly #chunker: Chunker
  readonly #arena = new EntryArena()
  #lastClosed: Buffer = noBytes
  #first: ChildEntry | undefined
  #parent: LevelBuilder | undefined

  constructor(level: number, sink: NodeSink) {
    this.#level = level
    this.#sink = sink
    this.#chunker = new Chunker(level, (chunk) => this.#close(chunk))
  }

  addEntry(entry: TreeEntry): void {
    this.#arena.append(entry.key, entry.value, entry.size)
    this.#addLast()
  }

  addChild(child: ChildEntry): void {
    this.#arena.appendBytes(child.key, child.value, child.size)
    this.#addLast()
  }

  /** Closes this level and those above it; the root is the only node of its level. */
  finish(): Digest {
    this.#chunker.finish()
    if (this.#parent !== undefined) return this.#parent.finish()
    return this.#first === undefined ? EMPTY_TREE : digestFromBytes(this.#first.value)
  }

  #addLast(): void {
    const last = this.#arena.count - 1
    const isAscending =
      last === 0
        ? lowerBound(this.#arena, this.#lastClosed) === 0 &&
          !hasKey(this.#arena, 0, this.#lastClosed)
        : compareEntryKeys(this.#arena, last - 1, this.#arena, last) < 0
    invariant(isAscending, 'a tree was built from keys out of order')
    this.#chunker.add(this.#arena, last, last + 1)
  }

  #close(chunk: Chunk): void {
    const child = writeNode(this.#level, chunk, this.#sink)
    this.#arena.clear()
    this.#lastClosed = child.key
    if (this.#first === undefined) {
      this.#first = child
      return
    }
    if (this.#parent === undefined) {
      this.#parent = new LevelBuilder(this.#level + 1, this.#sink)
      this.#parent.addChild(this.#first)
    }
    this.#parent.addChild(child)
  }
}
