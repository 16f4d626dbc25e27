import { parseFilePath, type Digest } from '../../model/index.ts'
import type { ReadOptions, SegmentStore } from '../../segments/index.ts'
import type { NodeLoader, TreeChange, TreeEdit, TreeEntry, TreeTotals } from '../../tree/index.ts'
import { repoKey } from '../names/repo-key.ts'
import type { Content, NewOutput } from '../types/content.ts'
import type { FileEdit } from '../types/files.ts'
import type { RepoKey, RepoRef } from '../types/values.ts'
import { encodeFileValue, extensionOf, fileOf } from './file-value.ts'
import { addLocal } from './local-file.ts'
import { NodeStore } from './node-store.ts'

const loadTrees = () => import('../../tree/index.ts')

/**
 * Trees and items by digest; knows no commit. The code of trees is loaded with its first use: who
 * only looks at repos, commits or jobs never needs it.
 */
export class TreeContent implements Content {
  readonly nodes: NodeStore
  readonly #segments: SegmentStore
  readonly #laneOf: (repo: RepoKey) => string

  constructor(segments: SegmentStore, laneOf: (repo: RepoKey) => string) {
    this.nodes = new NodeStore(segments)
    this.#segments = segments
    this.#laneOf = laneOf
  }

  loader(): Promise<NodeLoader> {
    return this.nodes.loader()
  }

  async addOutputs(repo: RepoRef, outputs: readonly NewOutput[]): Promise<readonly FileEdit[]> {
    const paths = outputs.map(({ path }) => parseFilePath(path))
    const items = outputs.map(({ path, bytes, member, digest }) => ({
      ...itemOf(path, bytes),
      ...member,
      ...(digest === undefined ? {} : { digest }),
    }))
    const stored = await this.#segments.addItems(this.#laneOf(repoKey(repo)), items)
    return stored.map(({ digest, size }, i) => {
      const executable = outputs[i]?.executable === true
      return { path: paths[i] ?? '', file: { digest, size, executable } }
    })
  }

  async addLocalFile(repo: RepoRef, path: string, file: string): Promise<FileEdit> {
    const lane = this.#laneOf(repoKey(repo))
    return { path: parseFilePath(path), file: await addLocal(this.#segments, lane, { path, file }) }
  }

  async editFiles(root: Digest, edits: readonly FileEdit[]): Promise<Digest> {
    const after = await this.#mutate(root, edits.map(treeEditOf))
    const put = edits.flatMap(({ path, file }) => (file === undefined ? [] : [path]))
    const { checkPathConflicts } = await import('./path-conflicts.ts')
    await checkPathConflicts({ loader: await this.loader(), before: root, after, put })
    return after
  }

  editTree(
    root: Digest,
    edits: readonly { readonly key: string; readonly bytes: Uint8Array | undefined }[],
  ): Promise<Digest> {
    return this.#mutate(
      root,
      edits.map(({ key, bytes }) => ({
        key,
        entry: bytes === undefined ? undefined : { value: bytes, size: 0 },
      })),
    )
  }

  async totals(root: Digest, prefix = ''): Promise<TreeTotals> {
    const { totals } = await loadTrees()
    return totals(await this.loader(), root, prefix === '' ? {} : { prefix })
  }

  async entries(
    root: Digest,
    keys: readonly string[],
  ): Promise<readonly (TreeEntry | undefined)[]> {
    const { getEntries } = await loadTrees()
    return getEntries(await this.loader(), root, keys)
  }

  async *changes(before: Digest, after: Digest, prefix = ''): AsyncIterable<TreeChange> {
    const { diffTrees } = await loadTrees()
    const loader = await this.loader()
    for await (const batch of diffTrees(loader, before, after, { prefix })) yield* batch
  }

  async *scan(root: Digest, prefix: string): AsyncIterable<TreeEntry> {
    const { scanTree } = await loadTrees()
    const range = prefix === '' ? {} : { prefix }
    for await (const batch of scanTree(await this.loader(), root, range)) yield* batch
  }

  async has(digests: readonly Digest[]): Promise<readonly boolean[]> {
    const places = await this.#segments.locate(digests)
    return places.map((place) => place !== undefined)
  }

  read(digests: readonly Digest[], options?: ReadOptions): Promise<readonly Uint8Array[]> {
    return this.#segments.read(digests, options)
  }

  stream(
    digest: Digest,
    range: { readonly start?: number; readonly end?: number } = {},
  ): AsyncIterable<Uint8Array> {
    return this.#segments.stream(digest, range.start, range.end)
  }

  fileOf(entry: TreeEntry): ReturnType<typeof fileOf> {
    return fileOf(entry)
  }

  async #mutate(root: Digest, edits: readonly TreeEdit[]): Promise<Digest> {
    const { mutateTree } = await loadTrees()
    const loader = await this.loader()
    return this.nodes.write((sink) => mutateTree(loader, root, edits, sink))
  }
}

function treeEditOf({ path, file }: FileEdit): TreeEdit {
  if (file === undefined) return { key: path, entry: undefined }
  const value = encodeFileValue(file.digest, file.executable === true)
  return { key: path, entry: { value, size: file.size } }
}

export function itemOf(path: string, bytes: Uint8Array): { bytes: Uint8Array; extension?: string } {
  const extension = extensionOf(path)
  return extension === undefined ? { bytes } : { bytes, extension }
}
