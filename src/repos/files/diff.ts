import { parseFilePath, type Digest } from '../../model/index.ts'
import { diffTrees, type TreeChange } from '../../tree/index.ts'
import type { Tools } from '../scope.ts'
import type { DiffOptions, FileDiff } from '../types/files.ts'
import { fileOf } from './file-value.ts'
import { directoryAt } from './listing.ts'

interface Sides {
  readonly tools: Tools
  readonly before: Digest
  readonly after: Digest
}

/**
 * Files that differ, and before the first of each the directories above it that hold a difference,
 * the root included. Costs follow the differences.
 */
export async function* diffFiles(sides: Sides, options: DiffOptions): AsyncIterable<FileDiff> {
  const path = parseFilePath(options.path ?? '')
  const told = new ToldDirectories()
  for await (const change of changesBelow(sides, path)) {
    const inside = path === '' ? change.key : change.key.slice(path.length + 1)
    const parts = inside.split('/')
    const depth = options.shallow === true ? 1 : Number.POSITIVE_INFINITY
    for (const directory of told.fresh(change.key, path)) {
      if (depthBelow(path, directory) <= depth) yield await directoryDiff(sides, directory)
    }
    if (parts.length <= depth || change.key === path) yield fileDiff(change)
  }
}

async function* changesBelow(sides: Sides, path: string): AsyncIterable<TreeChange> {
  const loader = await sides.tools.content.loader()
  for await (const batch of diffTrees(loader, sides.before, sides.after, { prefix: path })) {
    for (const change of batch) {
      if (path === '' || change.key === path || change.key.startsWith(`${path}/`)) yield change
    }
  }
}

/** Remembers the directories above the last change; in key order that is enough, bar siblings. */
class ToldDirectories {
  readonly #told = new Set<string>()

  fresh(key: string, top: string): readonly string[] {
    if (key === top) return []
    const names = [top]
    for (
      let end = key.indexOf('/', top === '' ? 0 : top.length + 1);
      end > 0;
      end = key.indexOf('/', end + 1)
    ) {
      names.push(key.slice(0, end))
    }
    const fresh = names.filter((name) => !this.#told.has(name))
    for (const name of fresh) this.#told.add(name)
    return fresh
  }
}

function depthBelow(top: string, directory: string): number {
  if (directory === top) return 0
  const inside = top === '' ? directory : directory.slice(top.length + 1)
  return inside.split('/').length
}

async function directoryDiff({ tools, before, after }: Sides, path: string): Promise<FileDiff> {
  const old = await directoryAt({ tools, root: before }, path)
  const now = await directoryAt({ tools, root: after }, path)
  return {
    path,
    kind: 'directory',
    ...(old.count === 0 ? {} : { before: old }),
    ...(now.count === 0 ? {} : { after: now }),
  }
}

function fileDiff({ key, before, after }: TreeChange): FileDiff {
  return {
    path: key,
    kind: 'file',
    ...(before === undefined ? {} : { before: fileOf(before) }),
    ...(after === undefined ? {} : { after: fileOf(after) }),
  }
}
