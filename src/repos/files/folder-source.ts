import { readdirSync, realpathSync, statSync } from 'node:fs'
import { sep } from 'node:path'
import { comparePaths, parseFilePath, VarveError } from '../../model/index.ts'
import type { FileSource } from '../types/files.ts'
import { naming } from './local-file.ts'

/**
 * Every file below a folder of this machine, in tree order, hidden ones too. Links are followed;
 * a loop of links, or anything that is neither file nor folder, is an error that names it.
 * @param prefix where the folder's content goes in the repo
 */
export function* folderSources(folder: string, prefix = ''): Generator<FileSource> {
  const base = parseFilePath(prefix)
  yield* below(folder, base === '' ? '' : `${base}/`, [naming(folder, () => realpathSync(folder))])
}

function* below(folder: string, prefix: string, trail: readonly string[]): Generator<FileSource> {
  const names = naming(folder, () => readdirSync(folder, { withFileTypes: true }))
  const entries = names.map((entry) => {
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
