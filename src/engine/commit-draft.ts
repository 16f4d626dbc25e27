import { parseFilePath } from '../model/index.ts'
import type { CommitInfo, FileEdit, NewOutput, Store } from '../repos/index.ts'

const flushBytes = 8 * 1024 * 1024
const flushFiles = 1000

export interface CommitOptions {
  /** Default `master`. */
  readonly branch?: string
  readonly message?: string
}

/**
 * The changes of one commit while they are collected: `put` and `delete` in any order, the last word
 * on a path counts. Nothing is visible before the whole commit is.
 */
export class CommitDraft {
  readonly #store: Store
  readonly #repo: string
  readonly #branch: string
  readonly #edits = new Map<string, FileEdit>()
  #waiting = new Map<string, NewOutput>()
  #waitingBytes = 0

  constructor(store: Store, repo: string, branch: string) {
    this.#store = store
    this.#repo = repo
    this.#branch = branch
  }

  /** Puts a file: bytes, or text as UTF-8. */
  async put(
    path: string,
    content: Uint8Array | string,
    { executable = false }: { readonly executable?: boolean } = {},
  ): Promise<void> {
    const key = parseFilePath(path)
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    this.#edits.delete(key)
    this.#waiting.set(key, { path: key, bytes, ...(executable && { executable }) })
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= flushBytes || this.#waiting.size >= flushFiles) await this.#flush()
  }

  /** Puts a file of this machine, of any size. */
  async putFile(path: string, file: string): Promise<void> {
    const key = parseFilePath(path)
    this.#waiting.delete(key)
    this.#edits.set(key, await this.#store.content.addLocalFile(this.#repo, key, file))
  }

  /** Deletes a file, or a folder with all below; what is not there is no error. */
  async delete(path: string): Promise<void> {
    const key = parseFilePath(path)
    await this.#flush()
    const isBelow = (other: string): boolean => key === '' || other.startsWith(`${key}/`)
    for (const other of this.#edits.keys()) if (isBelow(other)) this.#edits.delete(other)
    const head = `${this.#repo}@${this.#branch}`
    if (this.#store.branches.find(head)?.head === undefined) {
      this.#edits.delete(key)
      return
    }
    const info = await this.#store.files.find(head, key)
    if (info?.kind === 'directory') {
      for await (const { path: file } of this.#store.files.walk(head, key)) {
        this.#edits.set(file, { path: file, file: undefined })
      }
    } else this.#edits.set(key, { path: key, file: undefined })
  }

  /** Makes the commit. */
  async finish(message: string | undefined): Promise<CommitInfo> {
    await this.#flush()
    const options = message === undefined ? {} : { message }
    return this.#store.files.edit(
      `${this.#repo}@${this.#branch}`,
      [...this.#edits.values()],
      options,
    )
  }

  async #flush(): Promise<void> {
    if (this.#waiting.size === 0) return
    const outputs = [...this.#waiting.values()]
    this.#waiting = new Map()
    this.#waitingBytes = 0
    for (const edit of await this.#store.content.addOutputs(this.#repo, outputs)) {
      this.#edits.set(edit.path, edit)
    }
  }
}
