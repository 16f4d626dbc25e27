import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { chmod, lstat, mkdir, open, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { isVarveError, VarveError, type Digest } from '../model/index.ts'
import { messageOf } from '../util/index.ts'
import type { DatumOutput } from './types.ts'

/**
 * A folder of the user's that outputs are handed over to. Other things may lie in it: nothing is
 * overwritten or deleted whose content is not known to come from here.
 */
export class EgressFolder {
  readonly #folder: string
  /** Folders with names that may not be durable yet. */
  readonly #changed = new Set<string>()

  /** Throws `NOT_SUPPORTED` for anything but a folder of this machine, a `file:` URL. */
  constructor(url: string) {
    if (!url.startsWith('file:')) {
      throw new VarveError('NOT_SUPPORTED', {
        what: `Egress to "${url}" is not supported: only file: URLs of a folder are.`,
        data: { url },
      })
    }
    this.#folder = fileURLToPath(url)
  }

  async exists(): Promise<boolean> {
    return (await statOf(this.#folder)) !== undefined
  }

  /**
   * Writes a file; it appears whole, by rename. One that is there already stays. `ours` is what may
   * be replaced; `ALREADY_EXISTS` when something else is there, `IO_FAILED`.
   */
  async write(
    file: DatumOutput,
    bytes: () => AsyncIterable<Uint8Array>,
    ours: readonly FileContent[],
  ): Promise<void> {
    const target = join(this.#folder, file.path)
    const partial = `${target}.varve-partial`
    try {
      const present = await presentAt(target, [file, ...ours])
      if (present === 'something else') throw notOurs(target)
      if (present !== file.digest) {
        await mkdir(dirname(target), { recursive: true })
        await pipeline(bytes(), createWriteStream(partial, { flush: true }))
        await rename(partial, target)
      }
      // Also where the file was there: a try cut short may have left its name undurable.
      this.#changed.add(dirname(target))
      await chmod(target, file.executable === true ? 0o755 : 0o644)
    } catch (error) {
      await rm(partial, { force: true }).catch(() => undefined)
      throw refused(target, error)
    }
  }

  /** Deletes a file when it is one of `ours`, and folders that are empty then. */
  async remove(path: string, ours: readonly FileContent[]): Promise<void> {
    const target = join(this.#folder, path)
    try {
      const present = await presentAt(target, ours)
      if (present === undefined || present === 'something else') return
      await rm(target)
    } catch (error) {
      throw refused(target, error)
    }
    await this.#removeEmpty(dirname(path))
  }

  /** Makes names durable, as the bytes are already: what is said to be handed over survives a power cut. */
  async sync(): Promise<void> {
    const folders = new Set([...this.#changed].flatMap((folder) => this.#withParents(folder)))
    this.#changed.clear()
    for (const folder of folders) await syncFolder(folder)
  }

  /** A folder and those above it, up to the one that holds the egress folder: any may be new. */
  #withParents(folder: string): string[] {
    const last = dirname(this.#folder.replace(/\/+$/, ''))
    const folders: string[] = []
    for (let at = folder; at.startsWith(last); at = dirname(at)) {
      folders.push(at)
      if (at === last || at === dirname(at)) break
    }
    return folders
  }

  async #removeEmpty(path: string): Promise<void> {
    if (path === '.') return
    try {
      await rmdir(join(this.#folder, path))
    } catch {
      return
    }
    await this.#removeEmpty(dirname(path))
  }
}

export type FileContent = Pick<DatumOutput, 'digest' | 'size'>

async function presentAt(
  target: string,
  known: readonly FileContent[],
): Promise<Digest | 'something else' | undefined> {
  const found = await statOf(target)
  if (found === undefined) return undefined
  // Reading it is only worth while when it can be one of those.
  const alike = found.isFile() ? known.filter(({ size }) => size === found.size) : []
  if (alike.length === 0) return 'something else'
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(target)) hash.update(chunk as Uint8Array)
  const digest = hash.digest('hex')
  return alike.find((each) => each.digest === digest)?.digest ?? 'something else'
}

async function statOf(path: string) {
  try {
    return await lstat(path)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw refused(folder, error)
  }
}

function notOurs(target: string): VarveError {
  return new VarveError('ALREADY_EXISTS', {
    what: `Egress did not write ${target}, and does not overwrite it.`,
    next: 'Move it away, or name another folder under egress.',
    data: { path: target },
  })
}

function refused(target: string, error: unknown): VarveError {
  if (isVarveError(error)) return error
  const why = messageOf(error)
  return new VarveError('IO_FAILED', {
    what: `Egress could not write ${target}: ${why}.`,
    cause: error,
  })
}
