import { readdirSync, realpathSync, statSync } from 'node:fs'
import { sep } from 'node:path'
import { comparePaths, parseFilePath, VarveError } from '../../model/index.ts'
import type { FileSource } from '../types/files.ts'
import { naming } from './local-file.ts'

/** A file of this machine, to be put. */
export type LocalSource = Extract<FileSource, { kind: 'local' }>

/** A store lying in a folder is no content of it: it would be put into itself. */
const storeName = '.varve'

/**
 * Every file below a folder of this machine, in tree order, hidden ones too, but no store that lies
 * there. Links are followed; a loop of links, or one that leads nowhere, is an error that names it.
 * @param prefix where the folder's content goes in the repo
 */
export function* folderSources(folder: string, prefix = ''): Generator<LocalSource> {
  const base = parseFilePath(prefix)
  yield* below(folder, base === '' ? '' : `${base}/`, [naming(folder, () => realpathSync(folder))])
}

function* below(folder: string, prefix: string, trail: readonly string[]): Generator<LocalSource> {
  const names = naming(folder, () => readdirSync(folder, { withFileTypes: true }))
  const entries = names
    .filter(({ name }) => name !== storeName)
    .map((entry) => {
      const file = folder + sep + entry.name
      const stats = entry.isSymbolicLink() ? naming(file, () => statSync(file)) : entry
      return { file, path: prefix + entry.name, isFolder: stats.isDirectory() }
    })
  // A folder stands where its first file does: "a.txt" before "a/b".
  const key = (entry: { path: string; isFolder: boolean }) =>
    entry.path + (entry.isFolder ? '/' : '')
  entries.sort((a, b) => comparePaths(key(a), key(b)))
  for (const { file, path, isFolder } of entries) {
    if (isFolder) yield* below(file, `${path}/`, [...trail, checkedRealPath(file, trail)])
    else yield { kind: 'local', path, file }
  }
}

function checkedRealPath(folder: string, trail: readonly string[]): string {
  const real = naming(folder, () => realpathSync(folder))
  if (!trail.includes(real)) return real
  throw new VarveError('IO_FAILED', {
    what: `${folder} is a link to a folder that holds it.`,
    next: 'Remove the link, or put its target by itself.',
    data: { file: folder },
  })
}
