import type { Digest } from '../model/index.ts'
import { keyBytes, lowerBound } from './entries.ts'
import { behindPrefix, byteRange, type ByteRange } from './key-range.ts'
import { loadRoot } from './node-loader.ts'
import { childTotals, entryAtIndex } from './node-reader.ts'
import { walkRange, type RangeStep } from './range-walk.ts'
import { sliceTotals } from './seek.ts'
import type { NodeLoader, TreeChild, TreeTotals } from './types.ts'

export interface ListOptions {
  /** What every key listed starts with; names are what follows. For a directory: `"a/b/"`. */
  readonly prefix: string
  /** The last child of the page before. */
  readonly after?: Pick<TreeChild, 'kind' | 'name'>
  /** Children per page; all of them if left out. */
  readonly limit?: number
}

const slash = 0x2f

/**
 * The children of a directory in key order, a directory standing where its first key stands
 * (`a.txt` before `a/`). Subtrees that lie within one child directory are counted, not read.
 */
export async function listChildren(
  loader: NodeLoader,
  root: Digest,
  options: ListOptions,
): Promise<TreeChild[]> {
  const page = new ChildPage(options.prefix, options.limit ?? Infinity)
  if (page.isFull) return []
  const walk = {
    loader,
    range: listRange(options),
    keepClosed: (before: Uint8Array, last: Uint8Array) => page.isOneDirectory(before, last),
  }
  for await (const steps of walkRange(walk, await loadRoot(loader, root))) {
    for (const step of steps) page.add(step)
    if (page.isFull) break
  }
  return page.finish()
}

function listRange({ prefix, after }: ListOptions): ByteRange {
  const range = byteRange({ prefix })
  if (after === undefined) return range
  const last = Buffer.from(prefix + after.name + (after.kind === 'directory' ? '/' : '\0'))
  return { low: after.kind === 'directory' ? behindPrefix(last) : last, high: range.high }
}

/** Gathers children from the steps of a walk; the last directory stays open for more of it. */
class ChildPage {
  readonly #prefix: Buffer
  readonly #prefixLength: number
  readonly #limit: number
  readonly #children: TreeChild[] = []
  #directory: { readonly key: Buffer; count: number; size: number } | undefined

  constructor(prefix: string, limit: number) {
    this.#prefix = Buffer.from(prefix)
    this.#prefixLength = prefix.length
    this.#limit = limit
  }

  get isFull(): boolean {
    return this.#children.length >= this.#limit
  }

  isOneDirectory(before: Uint8Array, last: Uint8Array): boolean {
    const directory = this.#directoryOf(before)
    return directory !== undefined && startsWith(last, directory)
  }

  add(step: RangeStep): void {
    if (this.isFull) return
    if (step.kind === 'subtree') {
      const directory = this.#directoryOf(keyBytes(step.node, step.index))
      if (directory !== undefined) this.#count(directory, childTotals(step.node, step.index))
      return
    }
    const { node, to } = step
    let at = step.from
    while (at < to && !this.isFull) {
      const directory = this.#directoryOf(keyBytes(node, at))
      if (directory === undefined) {
        this.#close()
        const entry = entryAtIndex(node, at++)
        const name = entry.key.slice(this.#prefixLength)
        if (!this.isFull) this.#children.push({ kind: 'file', name, entry })
        continue
      }
      const end = Math.min(lowerBound(node, behindPrefix(directory), at), to)
      this.#count(directory, sliceTotals(node, at, end))
      at = end
    }
  }

  finish(): TreeChild[] {
    if (!this.isFull) this.#close()
    return this.#children
  }

  /** The key's path down to the slash behind the prefix; undefined for files right below it. */
  #directoryOf(key: Uint8Array): Uint8Array | undefined {
    if (!startsWith(key, this.#prefix)) return undefined
    const end = key.indexOf(slash, this.#prefix.length)
    return end < 0 ? undefined : key.subarray(0, end + 1)
  }

  #count(directory: Uint8Array, part: TreeTotals): void {
    if (this.#directory === undefined || !this.#directory.key.equals(directory)) {
      this.#close()
      this.#directory = { key: Buffer.from(directory), count: 0, size: 0 }
    }
    this.#directory.count += part.count
    this.#directory.size += part.size
  }

  #close(): void {
    if (this.#directory === undefined) return
    const { key, count, size } = this.#directory
    this.#directory = undefined
    const name = key.subarray(this.#prefix.length, -1).toString()
    this.#children.push({ kind: 'directory', name, totals: { count, size } })
  }
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, prefix.length), prefix) === 0
}
