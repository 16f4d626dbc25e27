import { digestOf } from '../model/index.ts'
import type { FileEdit, NewOutput, RepoKey, Store } from '../repos/index.ts'
import type { IngestOp, ListEnd } from './rows/ops.ts'
import { rowPath, rowSample, type RowEnd } from './rows/row.ts'
import { sampleDocument } from './rows/sample.ts'

/** A row that has ended, with the bytes to keep where there are any. */
export interface EndedWork {
  readonly end: RowEnd
  readonly bytes?: Uint8Array
  /** How it ended the time before: files of then that are no files of now go. */
  readonly before?: RowEnd
}

export interface AppenderOptions {
  readonly store: Store
  readonly repo: RepoKey
  readonly branch: string
  /** Which hash the sample's JSON names, and whether it has EXIF. */
  readonly hashName: string | undefined
}

/**
 * Turns rows that ended into files and row states. Bytes go into the lane as they come; one
 * transaction then moves the branch and writes the states, so that a kill leaves each row either
 * ended with its files or not ended at all.
 */
export class Appender {
  readonly #options: AppenderOptions
  #edits: FileEdit[] = []
  #ends: RowEnd[] = []
  #lists: ListEnd[] = []
  /** Keeps garbage collection away from bytes no commit names yet. */
  #release: (() => void) | undefined
  #held: Promise<void> | undefined

  constructor(options: AppenderOptions) {
    this.#options = options
  }

  /** Rows waiting for the next commit. */
  get waiting(): number {
    return this.#ends.length + this.#lists.length
  }

  addLists(lists: readonly ListEnd[]): void {
    this.#lists.push(...lists)
  }

  /** Stores the bytes of rows; durable with the next commit. */
  async add(works: readonly EndedWork[]): Promise<void> {
    const outputs: NewOutput[] = []
    for (const { end, bytes } of works) {
      if (bytes !== undefined) outputs.push(...this.#filesOf(end, bytes))
    }
    if (outputs.length > 0) {
      await this.#hold()
      this.#edits.push(
        ...(await this.#options.store.content.addOutputs(this.#options.repo, outputs)),
      )
    }
    for (const work of works) {
      for (const path of stalePaths(work)) this.#edits.push({ path, file: undefined })
      this.#ends.push(work.end)
    }
  }

  /** Makes one commit of all that was added. */
  async commit(): Promise<void> {
    const [edits, rows, lists] = [this.#edits, this.#ends, this.#lists]
    if (rows.length === 0 && lists.length === 0) return
    const { store, repo, branch } = this.#options
    try {
      await store.transact(async (tx) => {
        if (edits.length > 0) await tx.files.edit(`${repo}@${branch}`, edits)
        for (const op of opsOf(repo, lists, rows)) tx.emit(op)
      })
    } finally {
      await this.discard()
    }
    this.#edits = []
    this.#ends = []
    this.#lists = []
  }

  /** Lets garbage collection have what no commit will name. */
  async discard(): Promise<void> {
    this.#release?.()
    await this.#held
    this.#held = undefined
    this.#release = undefined
  }

  /** A collection that runs already is waited for. */
  async #hold(): Promise<void> {
    if (this.#held !== undefined) return
    const entered = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    this.#release = released.resolve
    this.#held = this.#options.store.adding(() => {
      entered.resolve()
      return released.promise
    })
    await Promise.race([entered.promise, this.#held])
  }

  /** Members of one sample lie side by side in the lane and share a key, as readers of shards want. */
  #filesOf(end: RowEnd, bytes: Uint8Array): NewOutput[] {
    const path = rowPath(end)
    const key = end.media?.digest ?? digestOf(bytes)
    const extension = end.media?.extension ?? 'bin'
    const document = sampleDocument(end, { key: rowSample(end), hashName: this.#options.hashName })
    const files: NewOutput[] = [
      { path: `${path}.${extension}`, bytes, member: { key, extension }, digest: key },
      {
        path: `${path}.json`,
        bytes: Buffer.from(JSON.stringify(document)),
        member: { key, extension: 'json' },
      },
    ]
    if (typeof end.caption === 'string') {
      const caption = Buffer.from(end.caption)
      files.push({ path: `${path}.txt`, bytes: caption, member: { key, extension: 'txt' } })
    }
    return files
  }
}

/** Files a row has left behind that came with another extension, or succeeded and does no longer. */
function stalePaths({ end, before }: EndedWork): readonly string[] {
  if (before?.media === undefined) return []
  const now = new Set(pathsOf(end))
  return pathsOf(before).filter((path) => !now.has(path))
}

function pathsOf(end: RowEnd): readonly string[] {
  if (end.media === undefined) return []
  const extensions = [end.media.extension, 'json']
  if (typeof end.caption === 'string') extensions.push('txt')
  return extensions.map((extension) => `${rowPath(end)}.${extension}`)
}

function opsOf(repo: RepoKey, lists: readonly ListEnd[], rows: readonly RowEnd[]): IngestOp[] {
  const ops: IngestOp[] = lists.map((list) => ({ op: 'ingest.list', repo, list }))
  return rows.length === 0 ? ops : [...ops, { op: 'ingest.rows', repo, rows }]
}
