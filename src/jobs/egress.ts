import { mkdir, rename, rm } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { VarveError, type Digest } from '../model/index.ts'
import type { Content } from '../repos/index.ts'

interface Egress {
  readonly content: Content
  readonly url: string
  /** File tree to write. */
  readonly root: Digest
  readonly signal: AbortSignal
}

/**
 * Writes every file of an output to a folder named by a `file:` URL. Files appear whole, by rename;
 * one that is there with the same size was written by an earlier try or an unchanged output, but
 * only its bytes could tell, so it is written again. Files the output no longer has are left alone.
 */
export async function writeEgress({ content, url, root, signal }: Egress): Promise<void> {
  const folder = folderOf(url)
  for await (const entry of content.scan(root, '')) {
    signal.throwIfAborted()
    const { path, digest } = content.fileOf(entry)
    const target = join(folder, path)
    const partial = `${target}.varve-partial`
    try {
      await mkdir(dirname(target), { recursive: true })
      await pipeline(content.stream(digest), createWriteStream(partial))
      await rename(partial, target)
    } catch (error) {
      await rm(partial, { force: true })
      throw refused(target, error)
    }
  }
}

/** Only folders of this machine so far; throws `NOT_SUPPORTED` for any other URL. */
function folderOf(url: string): string {
  if (url.startsWith('file:')) return fileURLToPath(url)
  throw new VarveError('NOT_SUPPORTED', {
    what: `Egress to "${url}" is not supported: only file: URLs of a folder are.`,
    data: { url },
  })
}

function refused(target: string, error: unknown): VarveError {
  const why = error instanceof Error ? error.message : String(error)
  return new VarveError('IO_FAILED', {
    what: `Egress could not write ${target}: ${why}.`,
    cause: error,
  })
}
