import { isVarveError, type Digest, type VarveError } from '../model/index.ts'
import type { Content, RepoKey, Store } from '../repos/index.ts'
import type { Random } from '../util/index.ts'
import { backoffMs, pause } from './datum-run/backoff.ts'
import { EgressFolder, type FileContent } from './egress.ts'
import { findEgress } from './egress-table.ts'
import { emit } from './ops.ts'

interface HandOver {
  readonly store: Store
  readonly pipeline: RepoKey
  readonly url: string
  /** File tree to hand over. */
  readonly root: Digest
  readonly emptyTree: Digest
  readonly random: Random
  readonly signal: AbortSignal
}

/** A disk that is full or away for a moment should not cost the job; about three seconds. */
const mostTries = 6
const pathsAtOnce = 256

/**
 * Brings a folder from the output handed over last to this one: what differs is written, what is
 * gone is deleted. May be cut off anywhere and begun again. Answers the fault that stopped it for
 * good; rejects when the signal aborts.
 */
export async function handOver(request: HandOver): Promise<VarveError | undefined> {
  const { store, pipeline, url, root, random, signal } = request
  const before = findEgress(store.db, pipeline, url)
  const begun = [...new Set([...before.begun, root])]
  const done = before.done === undefined ? {} : { done: before.done }
  // Before the first byte: else files of a try cut short would look like somebody else's.
  await store.transact((tx) => emit(tx, { op: 'egress.set', pipeline, url, ...done, begun }))
  for (let tries = 1; ; tries++) {
    try {
      const folder = new EgressFolder(url)
      const start = (await folder.exists()) ? before.done : undefined
      const known = [start ?? request.emptyTree, ...begun]
      await new FolderUpdate({ content: store.content, folder, known, root, signal }).run()
      return undefined
    } catch (error) {
      if (signal.aborted || !isVarveError(error)) throw error
      if (error.code !== 'IO_FAILED' || tries === mostTries) return error
      await pause(backoffMs(tries + 1, random), signal)
    }
  }
}

interface FolderUpdateOptions {
  readonly content: Content
  readonly folder: EgressFolder
  /** Trees of which files may be in the folder. */
  readonly known: readonly Digest[]
  readonly root: Digest
  readonly signal: AbortSignal
}

class FolderUpdate {
  readonly #options: FolderUpdateOptions

  constructor(options: FolderUpdateOptions) {
    this.#options = options
  }

  async run(): Promise<void> {
    // Deleting comes first: a folder may have become a file, or a file a folder.
    await this.#each('delete')
    await this.#each('write')
    await this.#options.folder.sync()
  }

  async #each(step: 'delete' | 'write'): Promise<void> {
    const { content, known, root } = this.#options
    let paths: string[] = []
    for (const before of known) {
      for await (const { key, after } of content.changes(before, root)) {
        if ((after === undefined) !== (step === 'delete')) continue
        paths.push(key)
        if (paths.length < pathsAtOnce) continue
        await this.#update(paths)
        paths = []
      }
    }
    await this.#update(paths)
  }

  async #update(paths: readonly string[]): Promise<void> {
    const { content, folder, known, root, signal } = this.#options
    const wanted = await content.entries(root, paths)
    const earlier = await Promise.all(known.map((tree) => content.entries(tree, paths)))
    for (const [place, path] of paths.entries()) {
      signal.throwIfAborted()
      const ours = earlier.flatMap((entries): FileContent[] => {
        const entry = entries[place]
        return entry === undefined ? [] : [content.fileOf(entry)]
      })
      const entry = wanted[place]
      if (entry === undefined) await folder.remove(path, ours)
      else {
        const file = content.fileOf(entry)
        await folder.write(file, () => content.stream(file.digest), ours)
      }
    }
  }
}
