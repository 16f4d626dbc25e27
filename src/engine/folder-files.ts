import { statSync } from 'node:fs'
import { folderSources, naming } from '../repos/index.ts'

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
 * What `put -r` of a folder would put, with what tells whether a file has changed; sockets and
 * devices are passed over. Synchronous: a promise for each file would cost more than the call.
 * @throws IO_FAILED naming what cannot be read
 */
export function* folderFiles(folder: string): Generator<FolderFile> {
  for (const { path, file } of folderSources(folder)) {
    const info = naming(file, () => statSync(file))
    const executable = (info.mode & 0o111) !== 0
    if (info.isFile()) yield { path, file, size: info.size, mtimeMs: info.mtimeMs, executable }
  }
}
