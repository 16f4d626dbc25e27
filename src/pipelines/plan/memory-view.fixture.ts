import { comparePaths, digestOf, parentDirectories } from '../../model/index.ts'
import type {
  FileChange,
  GlobPlan,
  InputView,
  InputViewPair,
  KeyIndex,
  KeyIndexEdit,
  KeyIndexQuery,
  TreePath,
} from '../types.ts'
import { keyIndexKey, keyIndexPath, keyIndexPrefix } from './key-index.ts'

/** Texts by path; one that begins with `#!` is executable, and the same bytes as without. */
export type Files = Readonly<Record<string, string>>

const bytesOf = (text: string): string => text.replace(/^#!/, '')

/** How much work a plan asked for. */
export interface Calls {
  listed: number
  read: number
  changed: number
}

/** A commit held in memory, by definition of the port rather than by cleverness. */
export class MemoryView implements InputView {
  readonly rootDigest
  readonly calls: Calls = { listed: 0, read: 0, changed: 0 }
  readonly files: ReadonlyMap<string, string>

  constructor(files: Files) {
    this.files = new Map(Object.entries(files).sort(([a], [b]) => comparePaths(a, b)))
    this.rootDigest = digestOf(JSON.stringify([...this.files]))
  }

  async *matches(glob: GlobPlan): AsyncIterable<readonly TreePath[]> {
    const paths = new Set<string>(this.files.size > 0 ? [''] : [])
    for (const path of this.files.keys()) {
      for (const directory of parentDirectories(path)) paths.add(directory)
      paths.add(path)
    }
    const matching = [...paths].filter((path) => glob.matches(path)).sort(comparePaths)
    this.calls.listed += matching.length
    for (let at = 0; at < matching.length; at += 3) {
      yield matching.slice(at, at + 3).flatMap((path) => this.#at(path) ?? [])
    }
  }

  async contentOf(paths: readonly string[]): Promise<readonly (TreePath | undefined)[]> {
    this.calls.read += paths.length
    return paths.map((path) => this.#at(path))
  }

  #at(path: string): TreePath | undefined {
    const text = this.files.get(path)
    if (text !== undefined) {
      const bytes = bytesOf(text)
      const executable = bytes !== text
      const digest = digestOf(bytes)
      return { path, directory: false, digest, executable, files: 1, size: bytes.length }
    }
    const below = path === '' ? '' : `${path}/`
    const files = [...this.files].filter(([file]) => file.startsWith(below))
    if (files.length === 0) return undefined
    return {
      path,
      directory: true,
      digest: digestOf(
        JSON.stringify(files.map(([file, content]) => [file.slice(below.length), content])),
      ),
      executable: false,
      files: files.length,
      size: files.reduce((sum, [, content]) => sum + bytesOf(content).length, 0),
    }
  }
}

export class MemoryPair implements InputViewPair {
  readonly before: MemoryView
  readonly after: MemoryView

  constructor(before: Files, after: Files) {
    this.before = new MemoryView(before)
    this.after = new MemoryView(after)
  }

  async *changes(prefix: string): AsyncIterable<readonly FileChange[]> {
    const paths = new Set([...this.before.files.keys(), ...this.after.files.keys()])
    for (const path of [...paths].filter((path) => path.startsWith(prefix)).sort(comparePaths)) {
      const [before, after] = [this.before.files.get(path), this.after.files.get(path)]
      if (before === after) continue
      this.after.calls.changed += 1
      yield [
        {
          path,
          before: before === undefined ? undefined : digestOf(bytesOf(before)),
          after: after === undefined ? undefined : digestOf(bytesOf(after)),
        },
      ]
    }
  }
}

/** The key index as jobs keep it: texts in order, read by prefix. */
export class MemoryKeyIndex implements KeyIndex {
  readonly texts = new Set<string>()
  read = 0

  apply(edits: readonly KeyIndexEdit[]): void {
    for (const edit of edits) {
      const text = keyIndexKey(edit)
      if (this.texts.has(text) === (edit.op === 'put')) throw new Error(`useless edit of ${text}`)
      if (edit.op === 'put') this.texts.add(text)
      else this.texts.delete(text)
    }
  }

  async lookup(queries: readonly KeyIndexQuery[]): Promise<readonly (readonly string[])[]> {
    const sorted = [...this.texts].sort(comparePaths)
    return queries.map((query) => {
      const found = sorted.filter((text) => text.startsWith(keyIndexPrefix(query)))
      const answer = found.slice(0, query.limit).map((text) => keyIndexPath(text, query))
      this.read += answer.length
      return answer
    })
  }
}
