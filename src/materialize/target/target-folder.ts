import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { VarveError } from '../../model/index.ts'
import { fileFault } from './file-fault.ts'
import { Journal, type PartRecord, type RecordedFile } from './journal.ts'
import { filesBelow, isFolder, isWhole, measure, statOf } from './measure.ts'
import { PartWriter } from './part-writer.ts'
import { lockTarget, notesFolder } from './target-lock.ts'

export function journalPath(folder: string, view: string): string {
  return join(folder, notesFolder, `${encodeURIComponent(view)}.jsonl`)
}

export interface NewPart {
  readonly name: string
  /** In the order they are to appear; folders end with a slash. */
  readonly files: readonly string[]
}

/** What is known of a part once it is made. */
export interface MadePart extends Pick<PartRecord, 'content' | 'samples'> {
  /** Names of the files in the folders, so that other files there are noticed before they are lost. */
  readonly inFolders?: readonly string[]
}

export interface TargetOptions {
  readonly folder: string
  /** Runs of one view replace and remove each other's files; files of other views are foreign. */
  readonly view: string
  /** Files in the way that are not ours are replaced. */
  readonly overwrite: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * A folder of the user's that parts are written to. Parts appear whole, by rename, in the order they
 * are written; what no run of this view wrote is never replaced or removed unless asked. One run at a
 * time. Errors: `TARGET_FOREIGN`, `STORE_LOCKED`, `DISK_FULL`, `IO_FAILED`.
 */
export class TargetFolder {
  readonly #options: TargetOptions
  readonly #journal: Journal
  readonly #lock: { release(): void }

  private constructor(options: TargetOptions, journal: Journal, lock: { release(): void }) {
    this.#options = options
    this.#journal = journal
    this.#lock = lock
  }

  static async open(options: TargetOptions): Promise<TargetFolder> {
    const own = join(options.folder, notesFolder)
    await attempt('make', own, () => mkdir(join(own, 'lists'), { recursive: true }))
    const lock = lockTarget(options.folder)
    try {
      const scratch = join(own, 'tmp')
      await attempt('empty', scratch, () => rm(scratch, { recursive: true, force: true }))
      const journal = await Journal.open(journalPath(options.folder, options.view))
      return new TargetFolder(options, journal, lock)
    } catch (error) {
      lock.release()
      throw error
    }
  }

  /** The part as an earlier run left it, when it has this content and its files their sizes. */
  whole(name: string, content?: string): PartRecord | undefined {
    const part = this.#journal.parts.get(name)
    if (part === undefined || (content !== undefined && part.content !== content)) return undefined
    return isWhole(this.#options.folder, part) ? part : undefined
  }

  /** Whether a run of this view wrote the part, whole or not any more. */
  wrote(name: string): boolean {
    return this.#journal.parts.has(name)
  }

  /** Makes the files of a part and puts them in place; nothing of it stays when `work` throws. */
  async write(part: NewPart, work: (files: PartWriter) => Promise<MadePart>): Promise<PartRecord> {
    for (const name of part.files) await this.#refuseForeign(name)
    const scratch = join(this.#options.folder, notesFolder, 'tmp')
    const writer = new PartWriter(scratch, this.#options.signal)
    try {
      await attempt('make', scratch, () => mkdir(scratch, { recursive: true }))
      for (const name of part.files.filter(isFolder)) {
        await mkdir(join(scratch, name), { recursive: true })
      }
      const { content, samples, inFolders = [] } = await work(writer)
      const md5 = await writer.finish()
      for (const name of part.files.filter(isFolder)) await this.#list(name, inFolders)
      const files: RecordedFile[] = []
      await this.#journal.begin(part.name, part.files)
      for (const name of part.files) files.push(await this.#place(name, join(scratch, name)))
      const record = { name: part.name, content, files, samples, ...(md5 !== undefined && { md5 }) }
      await this.#journal.done(record)
      return record
    } catch (error) {
      await writer.abandon()
      await rm(scratch, { recursive: true, force: true }).catch(() => undefined)
      throw fileFault(error, 'write', join(this.#options.folder, part.name))
    }
  }

  /** Removes the parts of earlier runs that are not among `names`; answers how many files. */
  async keepOnly(names: ReadonlySet<string>): Promise<number> {
    let removed = 0
    for (const part of this.#journal.parts.values()) {
      if (names.has(part.name)) continue
      for (const { name } of part.files) await this.#remove(name)
      await this.#journal.gone([part.name, ...part.files.map(({ name }) => name)])
      removed += part.files.length
    }
    return removed
  }

  async close(): Promise<void> {
    await this.#journal.close()
    const scratch = join(this.#options.folder, notesFolder, 'tmp')
    await rm(scratch, { recursive: true, force: true }).catch(() => undefined)
    this.#lock.release()
  }

  async #place(name: string, from: string): Promise<RecordedFile> {
    const to = join(this.#options.folder, name)
    return attempt('rename', to, async () => {
      await mkdir(dirname(to), { recursive: true })
      if (isFolder(name)) await rm(to, { recursive: true, force: true })
      await rename(from, to)
      await syncFolder(dirname(to))
      return measure(this.#options.folder, name) ?? { name, size: 0 }
    })
  }

  async #refuseForeign(name: string): Promise<void> {
    if (this.#options.overwrite) return
    const path = join(this.#options.folder, name)
    if (!this.#journal.ours.has(name)) {
      if (statOf(path) !== undefined) throw foreign(path)
    } else if (isFolder(name)) {
      const listed = new Set(await this.#listed(name))
      for (const file of filesBelow(path)) {
        if (!listed.has(file)) throw foreign(join(path, file))
      }
    }
  }

  async #remove(name: string): Promise<void> {
    const path = join(this.#options.folder, name)
    if (isFolder(name)) await this.#refuseForeign(name)
    await attempt('remove', path, () => rm(path, { recursive: isFolder(name), force: true }))
    if (isFolder(name)) await rm(this.#listPath(name), { force: true })
  }

  /** Adds names to those a folder of ours may hold. */
  async #list(name: string, files: readonly string[]): Promise<void> {
    const all = new Set([...(await this.#listed(name)), ...files])
    await writeFile(this.#listPath(name), JSON.stringify([...all]))
  }

  async #listed(name: string): Promise<readonly string[]> {
    try {
      return JSON.parse(await readFile(this.#listPath(name), 'utf8')) as string[]
    } catch {
      return []
    }
  }

  #listPath(name: string): string {
    return join(this.#options.folder, notesFolder, 'lists', `${encodeURIComponent(name)}.json`)
  }
}

function foreign(path: string): VarveError {
  return new VarveError('TARGET_FOREIGN', {
    what: `${path} is in the way, and no earlier run of this kind wrote it.`,
    data: { path, flag: '--overwrite' },
  })
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function attempt<T>(operation: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fileFault(error, operation, path)
  }
}
