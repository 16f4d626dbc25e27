import { readdirSync, statSync, type Dirent } from 'node:fs'
import { join } from 'node:path'

export interface FolderFile {
  /** Relative to the folder, parts joined with "/". */
  readonly path: string
  readonly file: string
  readonly size: number
  readonly mtimeMs: number
  /** By anybody, as everywhere files come in. */
  readonly executable: boolean
}

/**
 * Every regular file below a folder, links to files included, in order of name. Sockets, devices
 * and a store lying inside (`.varve`) are passed over. Synchronous: a promise for each file would
 * cost more than the call.
 */
export function* folderFiles(folder: string, below = ''): Generator<FolderFile> {
  const entries = readdirSync(join(folder, below), { withFileTypes: true })
  for (const entry of entries.sort(byName)) {
    if (entry.name === '.varve') continue
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    const file = join(folder, path)
    if (entry.isDirectory()) yield* folderFiles(folder, path)
    else if (entry.isFile() || entry.isSymbolicLink()) {
      const info = statSync(file)
      const executable = (info.mode & 0o111) !== 0
      if (info.isFile()) yield { path, file, size: info.size, mtimeMs: info.mtimeMs, executable }
    }
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1
}
