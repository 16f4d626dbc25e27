import { open, readFile, rename, type FileHandle } from 'node:fs/promises'
import { systemCode } from '../../util/index.ts'
import { fileFault } from './file-fault.ts'

export interface RecordedFile {
  /** Below the target; a folder ends with a slash. */
  readonly name: string
  /** Of a folder: of all files below it. */
  readonly size: number
  /** Of a folder: how many files are below it. */
  readonly count?: number
}

/** Files that were made together, from the same samples. */
export interface PartRecord {
  readonly name: string
  /** Digest of all that determines the bytes: equal content, equal files. */
  readonly content: string
  readonly files: readonly RecordedFile[]
  readonly samples: number
  /** Of the first file, when somebody asked for it. */
  readonly md5?: string
}

type Line =
  /** About to appear under these names, as files of the part `of`, which counts no more until done. */
  | { readonly begin: readonly string[]; readonly of?: string }
  | { readonly part: PartRecord }
  | { readonly gone: readonly string[] }

/**
 * What runs of one kind wrote below a target, one JSON line for each step, so that a later run knows
 * which files are ours and which are whole. A line cut off by a crash is left out.
 */
export class Journal {
  readonly parts = new Map<string, PartRecord>()
  /** Every name of ours that may exist, whole or not. */
  readonly ours = new Set<string>()
  readonly #path: string
  #handle: FileHandle | undefined

  private constructor(path: string) {
    this.#path = path
  }

  /** Opens for more; what it says is put together first, in as few lines as it takes. */
  static async open(path: string): Promise<Journal> {
    const journal = await Journal.read(path)
    try {
      await journal.#rewrite()
      return journal
    } catch (error) {
      throw fileFault(error, 'write', path)
    }
  }

  /** Only to look at; one that is not there is empty. */
  static async read(path: string): Promise<Journal> {
    const journal = new Journal(path)
    try {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (systemCode(error) === 'ENOENT') return ''
        throw error
      })
      for (const line of text.split('\n')) journal.#apply(parseLine(line))
      return journal
    } catch (error) {
      throw fileFault(error, 'read', path)
    }
  }

  begin(of: string, names: readonly string[]): Promise<void> {
    return this.#append({ begin: names, of })
  }

  done(part: PartRecord): Promise<void> {
    return this.#append({ part })
  }

  gone(names: readonly string[]): Promise<void> {
    return this.#append({ gone: names })
  }

  async close(): Promise<void> {
    await this.#handle?.close()
    this.#handle = undefined
  }

  async #append(line: Line): Promise<void> {
    try {
      await this.#handle?.appendFile(`${JSON.stringify(line)}\n`)
      await this.#handle?.sync()
    } catch (error) {
      throw fileFault(error, 'write', this.#path)
    }
    this.#apply(line)
  }

  #apply(line: Line | undefined): void {
    if (line === undefined) return
    if ('begin' in line) {
      for (const name of line.begin) this.ours.add(name)
      if (line.of !== undefined) this.parts.delete(line.of)
    } else if ('part' in line) {
      this.parts.set(line.part.name, line.part)
      for (const { name } of line.part.files) this.ours.add(name)
    } else {
      for (const name of line.gone) {
        this.ours.delete(name)
        this.parts.delete(name)
      }
    }
  }

  /** Replaces the file by what its lines come to, and opens it for more. */
  async #rewrite(): Promise<void> {
    const beside = `${this.#path}.new`
    const handle = await open(beside, 'w', 0o644)
    try {
      const lines: Line[] = [{ begin: [...this.ours] }]
      for (const part of this.parts.values()) lines.push({ part })
      await handle.writeFile(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
      await handle.sync()
      await rename(beside, this.#path)
    } catch (error) {
      await handle.close()
      throw error
    }
    this.#handle = handle
  }
}

function parseLine(text: string): Line | undefined {
  try {
    return text === '' ? undefined : (JSON.parse(text) as Line)
  } catch {
    return undefined
  }
}
